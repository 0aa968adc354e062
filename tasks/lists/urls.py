from rest_framework.routers import SimpleRouter

from tasks.lists.views import MembershipViewSet, TaskListViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("lists", TaskListViewSet, basename="list")
router.register(f"lists/(?P<list_pk>{MembershipViewSet.lookup_value_regex})/members", MembershipViewSet, "member")

urlpatterns = router.urls

from rest_framework.routers import SimpleRouter

from tasks.saved_filters.views import SavedFilterViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("filters", SavedFilterViewSet, basename="filter")

urlpatterns = router.urls

from rest_framework.routers import SimpleRouter

from tasks.labels.views import LabelViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("labels", LabelViewSet, basename="label")

urlpatterns = router.urls

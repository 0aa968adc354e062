from rest_framework.routers import SimpleRouter

from tasks.places.views import PlaceViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("places", PlaceViewSet, basename="place")

urlpatterns = router.urls

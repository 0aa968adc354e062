from rest_framework.routers import SimpleRouter

from tasks.sections.views import SectionViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("sections", SectionViewSet, basename="section")

urlpatterns = router.urls

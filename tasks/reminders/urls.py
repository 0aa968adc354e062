from rest_framework.routers import SimpleRouter

from tasks.reminders.views import ReminderViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("reminders", ReminderViewSet, basename="reminder")

urlpatterns = router.urls

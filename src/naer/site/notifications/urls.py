from django.urls import path

from naer.site.notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/preferences/", views.preferences, name="notification-preferences"),
    path("notifications/address/", views.confirm, name="notification-confirm"),
    path("notifications/<int:pk>/", views.follow, name="notification"),
]

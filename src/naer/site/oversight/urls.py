from django.urls import path

from naer.site.oversight import views

urlpatterns = [
    path("emergency/", views.emergency, name="emergency"),
    path("access/", views.log, name="access-log"),
    path("access/emergencies/", views.reviews, name="access-reviews"),
]

from django.urls import path

from naer.site.messaging import views

urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/upload/", views.upload, name="upload"),
    path("messages/<int:pk>/", views.message, name="message"),
]

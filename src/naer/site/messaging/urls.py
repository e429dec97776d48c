from django.urls import path

from naer.site.messaging import outgoing_views, views

urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/upload/", views.upload, name="upload"),
    path("messages/out/", outgoing_views.outbox, name="outbox"),
    path("messages/out/<int:pk>/", outgoing_views.message_out, name="message-out"),
    path("messages/needs-somebody/", outgoing_views.needs_somebody, name="needs-somebody"),
    path("messages/notices/", outgoing_views.told, name="notices"),
    path("messages/connections/", outgoing_views.ways_out, name="connections"),
    path("messages/<int:pk>/", views.message, name="message"),
]

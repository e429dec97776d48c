from django.urls import path

from naer.site.entry import views

urlpatterns = [
    path("requests/", views.requests, name="requests"),
    path("requests/new/", views.newcomer, name="request-new"),
    path("requests/<str:key>/", views.one_request, name="request"),
    path("citizens/<str:key>/ask/", views.ask, name="ask"),
]

from django.urls import path

from naer.site.agreements import views

urlpatterns = [
    path("agreements/", views.agreements, name="agreements"),
    path("agreements/<str:agreement_id>/", views.agreement, name="agreement"),
]

from django.urls import path

from naer.site.pathways import record, start, views

urlpatterns = [
    path("", start.start, name="today"),
    path("citizens/", views.citizens, name="citizens"),
    path("citizens/<str:key>/", views.citizen, name="citizen"),
    path("citizens/<str:key>/record/", record.record, name="record"),
    path("citizens/<str:key>/obligations/<int:pk>/", views.obligation, name="obligation"),
    path("citizens/<str:key>/undo/<str:event>/", views.undo, name="undo"),
]

from django.urls import path

from naer.site.citizen import sharing_views, views

urlpatterns = [
    path("own/", views.start, name="own"),
    path("own/<str:key>/", views.page, name="own-page"),
    path("own/<str:key>/ask/", views.ask, name="own-ask"),
    path("own/<str:key>/measure/", views.measure, name="own-measure"),
    path("own/<str:key>/log/", views.log, name="own-log"),
    path("own/<str:key>/sharing/", sharing_views.sharing, name="own-sharing"),
]

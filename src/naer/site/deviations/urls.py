from django.urls import path

from naer.site.deviations import count_views, views

urlpatterns = [
    path("deviations/", views.deviations, name="deviations"),
    path("deviations/new/", views.raise_one, name="deviation-new"),
    path("deviations/counts/", count_views.counts, name="deviation-counts"),
    path("deviations/counts.csv", count_views.counts_csv, name="deviation-counts-csv"),
    path("deviations/learning/", count_views.learning, name="deviation-learning"),
    path("deviations/<str:key>/", views.deviation, name="deviation"),
    path("citizens/<str:key>/deviations/new/", views.raise_about, name="deviation-about"),
]

from django.urls import path

from naer.site.governance import views

urlpatterns = [
    path("results/", views.results, name="results"),
    path("results/numbers.csv", views.numbers, name="results-numbers"),
    path("results/kept/<str:agreement_id>/<str:clause_id>/", views.kept, name="result-kept"),
    path("results/days-ready/", views.days_ready, name="result-days-ready"),
    path("results/readmitted/", views.readmitted, name="result-readmitted"),
]

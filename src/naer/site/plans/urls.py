from django.urls import path

from naer.site.plans import coordinator_views, part_views, people_views, views

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("citizens/<str:key>/plan/", views.plan, name="plan"),
    path("citizens/<str:key>/plan/print/", views.printed, name="plan-print"),
    path("citizens/<str:key>/plan/agree/", views.agree, name="plan-agree"),
    path("citizens/<str:key>/plan/people/", people_views.people, name="plan-people"),
    path("citizens/<str:key>/plan/versions/<int:number>/", views.version, name="plan-version"),
    path("citizens/<str:key>/plan/new/", part_views.new, name="plan-new"),
    path("citizens/<str:key>/plan/parts/<int:pk>/", part_views.part, name="plan-part"),
    path("citizens/<str:key>/plan/parts/<int:pk>/versions/", part_views.history, name="plan-history"),
    path("citizens/<str:key>/coordinator/", coordinator_views.coordinator, name="coordinator"),
]

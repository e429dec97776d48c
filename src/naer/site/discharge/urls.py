from django.urls import path

from naer.site.discharge import medicine_views, practice, views

urlpatterns = [
    path("discharge/", views.table, name="discharge"),
    path("practice/", practice.practice, name="practice"),
    path("practice/<int:pk>/done/", practice.done, name="practice-done"),
    path("discharge/<str:key>/", views.stay, name="discharge-stay"),
    path("discharge/<str:key>/answer/", views.answer, name="discharge-answer"),
    path("discharge/<str:key>/agree/", views.agree, name="discharge-agree"),
    path("discharge/<str:key>/medicines/", medicine_views.medicines, name="medicines"),
    path("discharge/<str:key>/medicines/<str:moment>/", medicine_views.write, name="medicine-list"),
]

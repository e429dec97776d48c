from django.urls import path

from naer.site.discharge import views

urlpatterns = [
    path("discharge/", views.table, name="discharge"),
    path("discharge/<str:key>/", views.stay, name="discharge-stay"),
    path("discharge/<str:key>/answer/", views.answer, name="discharge-answer"),
    path("discharge/<str:key>/agree/", views.agree, name="discharge-agree"),
]

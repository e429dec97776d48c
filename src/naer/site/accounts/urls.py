from django.urls import path

from naer.site.accounts import provider_views, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/demo/", views.demo_sign_in, name="demo-sign-in"),
    path("sign-in/with/<slug:name>/", provider_views.go, name="provider-go"),
    path("sign-in/with/<slug:name>/back/", provider_views.back, name="provider-back"),
    path("sign-in/with/<slug:name>/signed-out/", provider_views.sign_out, name="provider-sign-out"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("language/", views.language, name="language"),
    path("health/", views.health, name="health"),
]

from django.urls import path

from naer.site.fhir import views
from naer.site.fhir.addresses import ADDRESSES

urlpatterns = [
    path("fhir/metadata", views.metadata, name="fhir-metadata"),
    *ADDRESSES,
    path("fhir/<str:name>", views.kind, name="fhir-type"),
    path("fhir/<str:name>/_search", views.search, name="fhir-search"),
    path("fhir/<str:name>/<str:key>", views.resource, name="fhir-resource"),
    path("fhir/<path:rest>", views.nothing, name="fhir-nothing"),
    path("fhir", views.nothing, name="fhir"),
    path("fhir/", views.nothing, name="fhir-root"),
]

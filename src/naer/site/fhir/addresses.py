"""The addresses of the FHIR interface that are none of a resource type: they stand before those."""

from django.urls import path

from naer.site.fhir import oauth, process_message

ADDRESSES = [
    path("fhir/.well-known/smart-configuration", oauth.configuration, name="fhir-smart"),
    path("fhir/oauth/token", oauth.token, name="fhir-token"),
    path("fhir/$process-message", process_message.process_message, name="fhir-process-message"),
]

"""The addresses of the FHIR interface that are none of a resource type: they stand before those."""

from django.urls import path

from naer.site.fhir import (  # those without an address of their own register a type
    export,
    groups,
    jobs,
    loading,
    oauth,
    observations,
    process_message,
    sending,
    subscriptions,
    task_output,
)

OWN = (groups, observations, sending, subscriptions, task_output)
"""Modules that register a type, or take one in."""

ADDRESSES = [
    path("fhir/.well-known/smart-configuration", oauth.configuration, name="fhir-smart"),
    path("fhir/oauth/token", oauth.token, name="fhir-token"),
    path("fhir/$process-message", process_message.process_message, name="fhir-process-message"),
    path("fhir/$export", export.system, name="fhir-export"),
    path("fhir/Patient/$export", export.patients, name="fhir-export-patients"),
    path("fhir/Group/<str:key>/$export", export.group, name="fhir-export-group"),
    path("fhir/$import", loading.load, name="fhir-import"),
    path("fhir/jobs/<str:key>", jobs.status, name="fhir-job"),
    path("fhir/jobs/<str:key>/<int:number>.ndjson", jobs.file, name="fhir-job-file"),
]

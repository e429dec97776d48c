"""Every address of the site. Addresses hold keys, never person numbers."""

from django.urls import include, path

urlpatterns = [
    path("", include("naer.site.pathways.urls")),
    path("", include("naer.site.accounts.urls")),
    path("", include("naer.site.messaging.urls")),
    path("", include("naer.site.agreements.urls")),
    path("", include("naer.site.governance.urls")),
    path("", include("naer.site.plans.urls")),
    path("", include("naer.site.discharge.urls")),
    path("", include("naer.site.deviations.urls")),
    path("", include("naer.site.entry.urls")),
    path("", include("naer.site.notifications.urls")),
    path("", include("naer.site.citizen.urls")),
    path("", include("naer.site.oversight.urls")),
    path("", include("naer.site.fhir.urls")),
    path("", include("naer.site.api.urls")),
]

handler400 = "naer.site.ui.views.bad_request"
handler403 = "naer.site.ui.views.forbidden"
handler404 = "naer.site.ui.views.not_found"
handler500 = "naer.site.ui.views.failed"

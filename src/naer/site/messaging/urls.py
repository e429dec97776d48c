from django.urls import path

from naer.site.messaging import conversation_views as talk
from naer.site.messaging import correction_views, notify_views, outgoing_views, remark_views, views

urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/upload/", views.upload, name="upload"),
    path("messages/out/", outgoing_views.outbox, name="outbox"),
    path("messages/out/<int:pk>/", outgoing_views.message_out, name="message-out"),
    path("messages/out/<int:pk>/correct/", correction_views.correct, name="message-correct"),
    path("messages/needs-somebody/", outgoing_views.needs_somebody, name="needs-somebody"),
    path("messages/notices/", outgoing_views.told, name="notices"),
    path("messages/connections/", outgoing_views.ways_out, name="connections"),
    path("messages/<int:pk>/", views.message, name="message"),
    path("letters/<int:pk>/fault/", remark_views.fault, name="letter-fault"),
    path("letters/<int:pk>/away/", remark_views.away, name="letter-away"),
    path("conversations/", talk.inbox, name="conversations"),
    path("conversations/<int:pk>/", talk.conversation, name="conversation"),
    path("conversations/<int:pk>/mark/", talk.mark, name="conversation-mark"),
    path("conversations/<int:pk>/forward/", talk.forward, name="conversation-forward"),
    path("conversations/<int:pk>/files/<int:letter>/<int:place>/", talk.file, name="conversation-file"),
    path("citizens/<str:key>/write/", talk.write, name="write"),
    path("citizens/<str:key>/can-receive/", talk.say_if_receive, name="can-receive"),
    path("citizens/<str:key>/notify/", notify_views.notify, name="notify"),
    path("notify/", notify_views.admit, name="admit"),
]

"""A real OpenID provider in a process of its own: allauth's `idp.oidc`, private_key_jwt and PAR in front.

Called with a port, a folder for the database, and a file of JSON: {client: {id, jwk, back}, people: {name:
claims}}. allauth knows client secrets only: `Gate` checks our signed assertions with PyJWT, a library that
Naer does not use, hands the request on with a secret, and takes pushed requests (RFC 9126).
"""

import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

PORT, FOLDER, GIVEN = int(sys.argv[1]), Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())
HERE = f"http://127.0.0.1:{PORT}"
SECRET = "between the gate and allauth"
PASSWORD = "proves who somebody is"

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)
APPS = ["auth", "contenttypes", "sessions", "messages"]
settings.configure(
    SECRET_KEY="only for tests, signs nothing that lasts",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "provider.sqlite3"}},
    INSTALLED_APPS=[
        *(f"django.contrib.{app}" for app in APPS),
        "allauth",
        "allauth.account",
        "allauth.idp.oidc",
    ],
    MIDDLEWARE=[
        f"{__name__}.Gate",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    MIGRATION_MODULES=dict.fromkeys((*APPS, "account", "allauth_idp_oidc")),
    ACCOUNT_LOGIN_METHODS={"username"},
    ACCOUNT_EMAIL_VERIFICATION="none",
    ACCOUNT_RATE_LIMITS=False,
    IDP_OIDC_PRIVATE_KEY=KEY.decode(),
    IDP_OIDC_ADAPTER=f"{__name__}.adapter",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)


class Gate:
    """Checks client assertions before allauth sees a request; takes and redeems pushed requests."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        self.seen: set[str] = set()
        self.pushed: dict[str, QueryDict] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in (TOKEN, "/par"):
            wrong = self._assertion(request.POST)
            if wrong:
                return JsonResponse({"error": "invalid_client", "error_description": wrong}, status=401)
        if request.path == "/par":
            name = f"urn:ietf:params:oauth:request_uri:{uuid.uuid4().hex}"
            self.pushed[name] = request.POST.copy()
            return JsonResponse({"request_uri": name, "expires_in": 60}, status=201)
        if request.path == TOKEN:
            form = request.POST.copy()
            form["client_secret"] = SECRET
            request._post = form  # type: ignore[attr-defined]
            body = urlencode([(key, one) for key in form for one in form.getlist(key)]).encode()
            request._body = body  # type: ignore[attr-defined]
            request.META["CONTENT_LENGTH"] = str(len(body))
        if request.path == AUTHORIZE and (name := request.GET.get("request_uri")) in self.pushed:
            request.GET = self.pushed[str(name)]  # type: ignore[assignment]
            request.META["QUERY_STRING"] = request.GET.urlencode()
        answer: HttpResponse = self.get_response(request)
        return answer

    def _assertion(self, form: QueryDict) -> str:
        from jwt.algorithms import ECAlgorithm, RSAAlgorithm

        known = GIVEN["client"]
        kind = RSAAlgorithm if known["jwk"]["kty"] == "RSA" else ECAlgorithm
        try:
            claims = jwt.decode(
                form.get("client_assertion", ""),
                kind.from_jwk(json.dumps(known["jwk"])),  # type: ignore[arg-type]
                algorithms=["PS256", "RS256", "ES256"],
                audience=[f"{HERE}{TOKEN}", HERE],
                issuer=known["id"],
                options={"require": ["exp", "iat", "jti", "sub"]},
            )
        except jwt.PyJWTError as error:
            return f"assertion: {error}"
        if claims["sub"] != known["id"] or claims["exp"] - time.time() > 300 or claims["jti"] in self.seen:
            return "assertion: subject, age or use"
        self.seen.add(claims["jti"])
        return ""


TOKEN, AUTHORIZE = "/identity/o/api/token", "/identity/o/authorize"
django.setup()

from allauth.idp.oidc.adapter import DefaultOIDCAdapter  # noqa: E402
from allauth.idp.oidc.models import Client  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402


class adapter(DefaultOIDCAdapter):
    """Says the claims that the test gave, and where pushed requests go."""

    def get_claims(self, purpose: str, user: Any, *args: Any, **more: Any) -> dict[str, Any]:
        claims = super().get_claims(purpose, user, *args, **more)  # type: ignore[arg-type]
        given = json.loads(Path(sys.argv[3]).read_text())["people"][user.username]
        return claims | given.get("both", {}) | given.get(purpose, {})

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        data["pushed_authorization_request_endpoint"] = f"{HERE}/par"


urlpatterns = [
    path("", include("allauth.idp.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("key", lambda request: HttpResponse(KEY, content_type="application/x-pem-file")),
]


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    for name in GIVEN["people"]:
        get_user_model().objects.create_user(name, password=PASSWORD)
    client = Client(id=GIVEN["client"]["id"], name="Naer", skip_consent=True, scopes="openid\nprofile\nssn")
    client.redirect_uris = "\n".join(GIVEN["client"]["back"])
    client.set_secret(SECRET)
    client.save()
    with make_server("127.0.0.1", PORT, get_wsgi_application(), handler_class=Quiet) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()


main()

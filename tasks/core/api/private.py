from rest_framework.views import APIView


class PrivateView(APIView):
    """Its responses belong to one person: neither caches nor the browser's disk keep them. Clients that keep an object
    and its ETag themselves still get 304.
    """

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "no-store"}

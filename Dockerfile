# docker build --build-arg VERSION=0.1.0 -t todo-backend:0.1.0 .
# It runs as any user, with a read-only root file system, and writes to /tmp alone.
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/venv
WORKDIR /app
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# The folder is there first, since the settings give the files their hashed names only then; DEBUG needs no secret.
RUN mkdir staticfiles \
    && DEBUG=true /opt/venv/bin/python manage.py collectstatic --no-input \
    && /opt/venv/bin/python -m compileall -q manage.py realtime tasks todo_project

FROM python:3.11-slim-bookworm
ARG VERSION=unknown
LABEL org.opencontainers.image.title="Todo" \
      org.opencontainers.image.description="A todo application whose changes reach every open client at once" \
      org.opencontainers.image.version="$VERSION"
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["python", "manage.py", "serve", "--bind", "0.0.0.0", "--port", "8000"]

# docker build --build-arg VERSION=0.1.0 -t todo-backend:0.1.0 .
# docker run -p 8000:8000 -v todo:/data todo-backend:0.1.0
# Runs as any user, with a read-only root file system, and writes to /data and /tmp only.
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/venv
WORKDIR /source
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN /opt/venv/bin/python deploy/image/assemble.py /app

FROM python:3.11-slim-bookworm
ARG VERSION=unknown
LABEL org.opencontainers.image.title="Todo" \
      org.opencontainers.image.description="A todo application whose changes reach every open client at once" \
      org.opencontainers.image.licenses="BSD-3-Clause" \
      org.opencontainers.image.version="$VERSION"
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# A new volume takes over the owner. The group is that of users whom OpenShift assigns.
RUN install -d -o 10001 -g 0 -m 0770 /data
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/app/healthcheck.py"]
ENTRYPOINT ["python", "/app/entrypoint.py"]
CMD ["serve"]

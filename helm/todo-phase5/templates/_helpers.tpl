{{- define "todo-phase5.labels" -}}
app.kubernetes.io/part-of: todo
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "todo-phase5.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if or .tag (not .digest) }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end }}

{{- define "todo-phase5.serviceAccount" -}}
{{- with .Values.serviceAccount -}}
{{ .name | default (ternary "todo-backend" "default" .create) }}
{{- end -}}
{{- end }}

{{- define "todo-phase5.https" -}}
{{ if or .Values.https (and .Values.ingress.enabled .Values.ingress.tlsSecret) }}true{{ else }}false{{ end }}
{{- end }}

{{/* ALLOWED_HOSTS. The names that the helm test and a port-forward use are always allowed. */}}
{{- define "todo-phase5.hosts" -}}
{{- $hosts := .Values.hosts -}}
{{- if .Values.ingress.enabled }}{{ $hosts = append $hosts .Values.ingress.host }}{{ end -}}
{{- if .Values.httpRoute.enabled }}{{ $hosts = concat $hosts .Values.httpRoute.hostnames }}{{ end -}}
{{- $allowed := list -}}
{{- range $hosts }}{{ $allowed = append $allowed (ternary . (trimPrefix "*" .) (eq . "*")) }}{{ end -}}
{{ concat $allowed (list "todo-backend" "localhost") | uniq | join "," }}
{{- end }}

{{/* PUBLIC_URL. */}}
{{- define "todo-phase5.publicUrl" -}}
{{- if .Values.publicUrl }}{{ .Values.publicUrl }}
{{- else if .Values.ingress.enabled }}{{ ternary "https" "http" (eq (include "todo-phase5.https" .) "true") }}://{{ .Values.ingress.host }}
{{- end -}}
{{- end }}

{{/* The settings that are not secret, as data of a ConfigMap. */}}
{{- define "todo-phase5.config" -}}
{{- $data := dict "ALLOWED_HOSTS" (include "todo-phase5.hosts" .) "HTTPS" (include "todo-phase5.https" .) -}}
{{- with .Values.redis.sentinels }}
{{- $_ := set $data "REDIS_SENTINELS" (join "," .) }}
{{- $_ := set $data "REDIS_SENTINEL_MASTER" $.Values.redis.sentinelMaster }}
{{- end }}
{{- if .Values.redis.cluster }}{{ $_ := set $data "REDIS_CLUSTER" "true" }}{{ end }}
{{- with .Values.redis.tls }}
{{- if .existingSecret }}
{{- $_ := set $data "REDIS_CA_FILE" (printf "/etc/todo/redis-tls/%s" .caKey) }}
{{- with .certKey }}{{ $_ := set $data "REDIS_CERT_FILE" (printf "/etc/todo/redis-tls/%s" .) }}{{ end }}
{{- with .keyKey }}{{ $_ := set $data "REDIS_KEY_FILE" (printf "/etc/todo/redis-tls/%s" .) }}{{ end }}
{{- end }}
{{- end }}
{{- with .Values.metrics.allowedAddresses }}{{ $_ := set $data "METRICS_ALLOWED_ADDRESSES" (join "," .) }}{{ end }}
{{- with .Values.retention }}
{{- $_ := set $data "EVENT_DAYS" (toString .eventDays) }}
{{- $_ := set $data "HISTORY_DAYS" (toString .historyDays) }}
{{- $_ := set $data "TRASH_DAYS" (toString .trashDays) }}
{{- end }}
{{- with .Values.mail }}
{{- if .host }}
{{- $_ := set $data "EMAIL_HOST" .host }}
{{- $_ := set $data "EMAIL_PORT" (toString .port) }}
{{- $_ := set $data "EMAIL_SECURITY" .security }}
{{- $_ := set $data "DEFAULT_FROM_EMAIL" .from }}
{{- end }}
{{- end }}
{{- with include "todo-phase5.publicUrl" . }}{{ $_ := set $data "PUBLIC_URL" . }}{{ end }}
{{- range concat (fromYaml (.Files.Get "files/defaults.yaml")).env .Values.env }}{{ $_ := set $data .name .value }}{{ end }}
{{- toYaml $data }}
{{- end }}

{{/* Whether pods start without the Secret of Redis: only where its name is the default, and nobody has asked for it. */}}
{{- define "todo-phase5.redisSecretOptional" -}}
{{ eq .Values.redis.existingSecret (fromYaml (.Files.Get "files/defaults.yaml")).redis.existingSecret }}
{{- end }}

{{/* The entries of env that the chart takes from Secrets, and extraEnv, which overrides them. */}}
{{- define "todo-phase5.env" -}}
{{- $given := list }}
{{- range .Values.extraEnv }}{{ $given = append $given .name }}{{ end }}
{{- $app := .Values.existingSecret }}
{{- $found := list (list "SECRET_KEY" $app "SECRET_KEY" false) (list "DATABASE_URL" $app "DATABASE_URL" false) (list "SECRET_KEY_FALLBACKS" $app "SECRET_KEY_FALLBACKS" true) }}
{{- with .Values.redis }}
{{- $found = append $found (list "REDIS_URL" .existingSecret "url" (include "todo-phase5.redisSecretOptional" $ | eq "true")) }}
{{- $found = append $found (list "REDIS_ENCRYPTION_KEYS" .encryption.existingSecret .encryption.key false) }}
{{- end }}
{{- with .Values.mail }}
{{- $found = append $found (list "EMAIL_HOST_USER" .existingSecret .userKey false) }}
{{- $found = append $found (list "EMAIL_HOST_PASSWORD" .existingSecret .passwordKey false) }}
{{- end }}
{{- with .Values.metrics }}{{ $found = append $found (list "METRICS_TOKEN" .existingSecret .tokenKey false) }}{{ end }}
{{- $entries := list }}
{{- range $found }}
{{- if and (index . 1) (not (has (first .) $given)) }}
{{- $reference := dict "name" (index . 1) "key" (index . 2) }}
{{- if last . }}{{ $_ := set $reference "optional" true }}{{ end }}
{{- $entries = append $entries (dict "name" (first .) "valueFrom" (dict "secretKeyRef" $reference)) }}
{{- end }}
{{- end }}
{{- toYaml (concat $entries .Values.extraEnv) }}
{{- end }}

{{/* What all containers of the application's image have in common. */}}
{{- define "todo-phase5.container" -}}
image: {{ include "todo-phase5.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
envFrom:
  - configMapRef:
      name: todo-backend
# If the Secret of Redis exists, its url replaces the one in the ConfigMap.
env:
  {{- include "todo-phase5.env" . | nindent 2 }}
{{- include "todo-phase5.securityContext" .Values }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if .Values.redis.tls.existingSecret }}
  - name: redis-tls
    mountPath: /etc/todo/redis-tls
    readOnly: true
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* What all pods of the application's image have in common. */}}
{{- define "todo-phase5.pod" -}}
serviceAccountName: {{ include "todo-phase5.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- include "todo-phase5.podSecurityContext" (list .Values 10001) }}
volumes:
  - name: tmp
    emptyDir: {}
  {{- with .Values.redis.tls }}
  {{- if .existingSecret }}
  - name: redis-tls
    secret:
      secretName: {{ .existingSecret }}
  {{- end }}
  {{- end }}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Arguments: the values that may contain podSecurityContext, and the user's number without it. */}}
{{- define "todo-phase5.podSecurityContext" -}}
{{- $values := first . }}
{{- if hasKey $values "podSecurityContext" }}
{{- with $values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- else }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ last . }}
  runAsGroup: {{ last . }}
  fsGroup: {{ last . }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}
{{- end }}

{{/* Argument: the values that may contain securityContext. */}}
{{- define "todo-phase5.securityContext" -}}
{{- if hasKey . "securityContext" }}
{{- with .securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- else }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}
{{- end }}

{{/* What the application's pods may connect to, with networkPolicy.egress. */}}
{{- define "todo-phase5.egress" -}}
{{- with .Values.networkPolicy.egress }}
{{- if .enabled }}
egress:
  - ports:
      - {port: 53, protocol: UDP}
      - {port: 53, protocol: TCP}
  - to:
      - podSelector:
          matchExpressions:
            - key: app
              operator: In
              values: [postgres, redis, todo-backend]
  {{- with .rules }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "todo.labels" -}}
app.kubernetes.io/part-of: todo
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "todo.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "todo.https" -}}
{{ if or .Values.https (and .Values.ingress.enabled .Values.ingress.tlsSecret) }}true{{ else }}false{{ end }}
{{- end }}

{{/* The hosts that the helm test and a port-forward name are always allowed. */}}
{{- define "todo.hosts" -}}
{{- $hosts := .Values.hosts -}}
{{- if .Values.ingress.enabled }}{{ $hosts = append $hosts .Values.ingress.host }}{{ end -}}
{{ concat $hosts (list "todo-backend" "localhost") | uniq | join "," }}
{{- end }}

{{/* What is no secret, as data of a ConfigMap. */}}
{{- define "todo.config" -}}
{{- $data := dict "ALLOWED_HOSTS" (include "todo.hosts" .) "HTTPS" (include "todo.https" .) -}}
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
{{- range .Values.env }}{{ $_ := set $data .name .value }}{{ end }}
{{- toYaml $data }}
{{- end }}

{{/* What every container of the application's image has in common. */}}
{{- define "todo.container" -}}
image: {{ include "todo.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
envFrom:
  - configMapRef:
      name: todo-backend
{{- $given := list }}
{{- range .Values.extraEnv }}{{ $given = append $given .name }}{{ end }}
env:
  {{- range list "SECRET_KEY" "DATABASE_URL" }}
  {{- if not (has . $given) }}
  - name: {{ . }}
    valueFrom:
      secretKeyRef:
        name: {{ $.Values.existingSecret }}
        key: {{ . }}
  {{- end }}
  {{- end }}
  {{- if not (has "SECRET_KEY_FALLBACKS" $given) }}
  - name: SECRET_KEY_FALLBACKS
    valueFrom:
      secretKeyRef:
        name: {{ .Values.existingSecret }}
        key: SECRET_KEY_FALLBACKS
        optional: true
  {{- end }}
  {{- if and .Values.redis.existingSecret (not (has "REDIS_URL" $given)) }}
  # Where this Secret exists, its url takes the place of the one in the ConfigMap.
  - name: REDIS_URL
    valueFrom:
      secretKeyRef:
        name: {{ .Values.redis.existingSecret }}
        key: url
        optional: true
  {{- end }}
  {{- with .Values.redis.encryption }}
  {{- if .existingSecret }}
  - name: REDIS_ENCRYPTION_KEYS
    valueFrom:
      secretKeyRef:
        name: {{ .existingSecret }}
        key: {{ .key }}
  {{- end }}
  {{- end }}
  {{- with .Values.metrics }}
  {{- if and .existingSecret (not (has "METRICS_TOKEN" $given)) }}
  - name: METRICS_TOKEN
    valueFrom:
      secretKeyRef:
        name: {{ .existingSecret }}
        key: {{ .tokenKey }}
  {{- end }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
securityContext:
  {{- include "todo.containerSecurity" . | nindent 2 }}
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

{{/* What every pod of the application's image has in common. */}}
{{- define "todo.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "todo.podSecurity" 10001 | nindent 2 }}
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

{{/* The user's number is the argument. */}}
{{- define "todo.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "todo.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

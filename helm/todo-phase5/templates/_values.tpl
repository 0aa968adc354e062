{{/* Every template calls this first: missing values get their defaults, and values that contradict each other are refused. */}}
{{- define "todo-phase5.init" -}}
{{- include "todo-phase5.fill" (dict "values" .Values "defaults" (fromYaml (.Files.Get "files/defaults.yaml")) "older" false) }}
{{- include "todo-phase5.check" . }}
{{- end }}

{{/*
Adds missing keys in place. `helm upgrade --reuse-values` brings the values of an older chart, without the keys that were
added since. A map that people fill themselves may also be missing because they set it to null; so it is restored only
beside other missing keys.
*/}}
{{- define "todo-phase5.fill" -}}
{{- $free := list "affinity" "annotations" "labels" "nodeSelector" "podAnnotations" "podLabels" "resources" "socketAnnotations" }}
{{- $older := .older }}
{{- range $key, $_ := .defaults }}
{{- if not (or (has $key $free) (hasKey $.values $key)) }}{{ $older = true }}{{ end }}
{{- end }}
{{- range $key, $default := .defaults }}
{{- if not (hasKey $.values $key) }}
{{- if or $older (not (has $key $free)) }}{{ $_ := set $.values $key $default }}{{ end }}
{{- else if and (kindIs "map" $default) (kindIs "map" (get $.values $key)) (not (has $key $free)) }}
{{- include "todo-phase5.fill" (dict "values" (get $.values $key) "defaults" $default "older" $older) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A quantity of Kubernetes as a number: 250m is 0.25, 1Ki is 1024. */}}
{{- define "todo-phase5.quantity" -}}
{{- $text := toString . }}
{{- $number := regexFind "^[0-9]*[.]?[0-9]*([eE][+-]?[0-9]+)?" $text }}
{{- $factors := dict "" 1 "n" 0.000000001 "u" 0.000001 "m" 0.001 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "P" 1000000000000000 "E" 1000000000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976 }}
{{- mulf (float64 $number) (get $factors (trimPrefix $number $text)) }}
{{- end }}

{{/* A duration of Prometheus in milliseconds. */}}
{{- define "todo-phase5.milliseconds" -}}
{{- $factors := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 }}
{{- $sum := 0 }}
{{- range regexFindAll "[0-9]+(ms|s|m|h)" . -1 }}
{{- $number := regexFind "^[0-9]+" . }}
{{- $sum = add $sum (mul (int64 $number) (get $factors (trimPrefix $number .))) }}
{{- end }}
{{- $sum }}
{{- end }}

{{/* What the schema can't express, because it takes two values. */}}
{{- define "todo-phase5.check" -}}
{{- $values := .Values }}
{{- range $where, $resources := dict "backend.resources" $values.backend.resources "redis.resources" $values.redis.resources "postgresql.resources" $values.postgresql.resources "metrics.redisExporter.resources" $values.metrics.redisExporter.resources }}
{{- $limits := ($resources).limits | default dict }}
{{- $requests := ($resources).requests | default dict }}
{{- range $name, $request := $requests }}
{{- if hasKey $limits $name }}
{{- if gt (float64 (include "todo-phase5.quantity" $request)) (float64 (include "todo-phase5.quantity" (get $limits $name))) }}
{{- fail (printf "%s: requests.%s (%v) is more than limits.%s (%v)." $where $name $request $name (get $limits $name)) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $kind, $amounts := dict "requests" $requests "limits" $limits }}
{{- with get $amounts "cpu" }}
{{- if gt (float64 (include "todo-phase5.quantity" .)) 256.0 }}
{{- fail (printf "%s.%s.cpu: no node has %v cores; thousandths are written with an m, as in 250m." $where $kind .) }}
{{- end }}
{{- end }}
{{- with get $amounts "memory" }}
{{- if lt (float64 (include "todo-phase5.quantity" .)) 16777216.0 }}
{{- fail (printf "%s.%s.memory: %v is too little to start; mebibytes are written as in 512Mi." $where $kind .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- with (($values.backend.resources).limits).memory }}
{{- if lt (float64 (include "todo-phase5.quantity" .)) (mulf 100663296 $values.backend.workers) }}
{{- fail (printf "backend.resources.limits.memory: %v is too little for backend.workers (%v); each needs 96Mi." . $values.backend.workers) }}
{{- end }}
{{- end }}
{{- with (($values.redis.resources).limits).memory }}
{{- if lt (float64 (include "todo-phase5.quantity" .)) 268435456.0 }}
{{- fail (printf "redis.resources.limits.memory: %v is less than the 256mb that redis.conf allows (maxmemory)." .) }}
{{- end }}
{{- end }}
{{- range $where, $size := dict "redis.storage.size" $values.redis.storage.size "postgresql.storage.size" $values.postgresql.storage.size }}
{{- if lt (float64 (include "todo-phase5.quantity" $size)) 104857600.0 }}
{{- fail (printf "%s: %v is too little; gibibytes are written as in 5Gi." $where $size) }}
{{- end }}
{{- end }}
{{- with $values.autoscaling }}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
{{- fail (printf "autoscaling.minReplicas (%v) is more than autoscaling.maxReplicas (%v)." .minReplicas .maxReplicas) }}
{{- end }}
{{- end }}
{{- with $values.redis }}
{{- if and .cluster .sentinels }}
{{- fail "redis.cluster and redis.sentinels exclude each other: a Redis Cluster needs no Sentinels." }}
{{- end }}
{{- if and .bundled (or .cluster .sentinels) }}
{{- fail "redis.bundled is one server; redis.cluster and redis.sentinels belong to a Redis elsewhere." }}
{{- end }}
{{- if ne (empty .tls.certKey) (empty .tls.keyKey) }}
{{- fail "redis.tls.certKey and redis.tls.keyKey belong together: set both or none." }}
{{- end }}
{{- if and .tls.certKey (not .tls.existingSecret) }}
{{- fail "redis.tls.certKey needs redis.tls.existingSecret, the Secret that contains it." }}
{{- end }}
{{- end }}
{{- with $values.metrics.serviceMonitor }}
{{- if gt (int64 (include "todo-phase5.milliseconds" .scrapeTimeout)) (int64 (include "todo-phase5.milliseconds" .interval)) }}
{{- fail (printf "metrics.serviceMonitor.scrapeTimeout (%s) is longer than metrics.serviceMonitor.interval (%s)." .scrapeTimeout .interval) }}
{{- end }}
{{- if and .enabled (not (or $values.metrics.existingSecret $values.metrics.allowedAddresses)) }}
{{- fail "metrics.serviceMonitor.enabled: also say what lets Prometheus in, by metrics.existingSecret or metrics.allowedAddresses." }}
{{- end }}
{{- end }}
{{- with $values.httpRoute }}
{{- if and .enabled (not .parentRefs) }}
{{- fail "httpRoute.enabled: httpRoute.parentRefs must name the Gateway." }}
{{- end }}
{{- if and .enabled (not .hostnames) }}
{{- fail "httpRoute.enabled: httpRoute.hostnames must name the hosts; the application refuses all others." }}
{{- end }}
{{- end }}
{{- with $values.networkPolicy }}
{{- if and .enabled .egress.enabled (not $values.postgresql.bundled) (not .egress.rules) }}
{{- fail "networkPolicy.egress.enabled: networkPolicy.egress.rules must allow the way to the database in DATABASE_URL." }}
{{- end }}
{{- end }}
{{- include "todo-phase5.unique" (dict "where" "env" "items" $values.env) }}
{{- include "todo-phase5.unique" (dict "where" "extraEnv" "items" $values.extraEnv) }}
{{- include "todo-phase5.unique" (dict "where" "extraVolumes" "items" (concat (list (dict "name" "tmp") (dict "name" "redis-tls")) $values.extraVolumes)) }}
{{- include "todo-phase5.unique" (dict "where" "backend.extraContainers" "items" (concat (list (dict "name" "backend")) $values.backend.extraInitContainers $values.backend.extraContainers)) }}
{{- $volumes := list "tmp" "redis-tls" }}
{{- range $values.extraVolumes }}{{ $volumes = append $volumes .name }}{{ end }}
{{- $paths := list "/tmp" "/etc/todo/redis-tls" }}
{{- range $values.extraVolumeMounts }}
{{- if not (has .name $volumes) }}
{{- fail (printf "extraVolumeMounts: there is no volume %s in extraVolumes." .name) }}
{{- end }}
{{- if has .mountPath $paths }}
{{- fail (printf "extraVolumeMounts: something else is mounted at %s." .mountPath) }}
{{- end }}
{{- $paths = append $paths .mountPath }}
{{- end }}
{{- end }}

{{- define "todo-phase5.unique" -}}
{{- $names := list }}
{{- range .items }}
{{- if has .name $names }}
{{- fail (printf "%s: the name %s is taken." $.where .name) }}
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- end }}

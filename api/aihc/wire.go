package aihc

// Pair is a variable of the environment.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Label is a label of a job.
type Label struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Resource is something that each pod asks for.
type Resource struct {
	Name     string  `json:"name"`
	Quantity float64 `json:"quantity"`
}

// Datasource is something that a job mounts.
type Datasource struct {
	Type       string             `json:"type"`
	Name       string             `json:"name,omitempty"`
	MountPath  string             `json:"mountPath,omitempty"`
	SourcePath string             `json:"sourcePath,omitempty"`
	ID         string             `json:"id,omitempty"`
	Options    *DatasourceOptions `json:"options,omitempty"`
}

// DatasourceOptions are those of one kind of data source or another.
type DatasourceOptions struct {
	Medium             string   `json:"medium,omitempty"`
	SizeLimit          int64    `json:"sizeLimit,omitempty"`
	ReadOnly           bool     `json:"readOnly,omitempty"`
	HostPath           string   `json:"hostPath,omitempty"`
	HostPathType       string   `json:"hostPathType,omitempty"`
	PfsL1ClusterIP     string   `json:"pfsL1ClusterIp,omitempty"`
	PfsL1ClusterPort   string   `json:"pfsL1ClusterPort,omitempty"`
	PfsL1ParentDir     string   `json:"pfsL1ParentDir,omitempty"`
	PfsPath            string   `json:"pfsPath,omitempty"`
	PfsL2MountTargetID []string `json:"pfsL2MountTargetId,omitempty"`
	PfsL2HostMountPath string   `json:"pfsL2HostMountPath,omitempty"`
	PfsL3InstanceID    string   `json:"pfsL3InstanceId,omitempty"`
	PfsL3MountPoint    string   `json:"pfsL3MountPoint,omitempty"`
	CfsInstanceID      string   `json:"cfsInstanceId,omitempty"`
	CfsMountPoint      string   `json:"cfsMountPoint,omitempty"`
	DatasetVersion     string   `json:"datasetVersion,omitempty"`
}

// JobSpec is the pods of a job, or of one of its roles.
type JobSpec struct {
	Command     string     `json:"command"`
	Image       string     `json:"image"`
	Replicas    int64      `json:"replicas"`
	Resources   []Resource `json:"resources,omitempty"`
	Envs        []Pair     `json:"envs,omitempty"`
	EnableRDMA  bool       `json:"enableRDMA,omitempty"`
	HostNetwork bool       `json:"hostNetwork,omitempty"`
	Privileged  bool       `json:"privileged,omitempty"`
}

// FaultTolerance is how a job is to be restarted.
type FaultTolerance struct {
	EnabledHangDetection        bool     `json:"enabledHangDetection,omitempty"`
	HangDetectionTimeoutMinutes int64    `json:"hangDetectionTimeoutMinutes,omitempty"`
	FaultToleranceLimit         int64    `json:"faultToleranceLimit,omitempty"`
	CustomFaultTolerancePattern []string `json:"customFaultTolerancePattern,omitempty"`
}

// CreateJobRequest is the body of CreateJob, and what a job keeps of it. JobSpec is one object, or an object of them by role.
type CreateJobRequest struct {
	Name                       string          `json:"name"`
	Queue                      string          `json:"queue,omitempty"`
	JobFramework               string          `json:"jobFramework,omitempty"`
	JobSpec                    specs           `json:"jobSpec"`
	FaultTolerance             bool            `json:"faultTolerance,omitempty"`
	Labels                     []Label         `json:"labels,omitempty"`
	Priority                   string          `json:"priority,omitempty"`
	Datasources                []Datasource    `json:"datasources,omitempty"`
	EnableBccl                 bool            `json:"enableBccl,omitempty"`
	FaultToleranceConfig       *FaultTolerance `json:"faultToleranceConfig,omitempty"`
	FaultToleranceArgs         *string         `json:"faultToleranceArgs,omitempty"`
	CodeSource                 *CodeSource     `json:"codeSource,omitempty"`
	RunningTimeoutStopTimeUnit string          `json:"runningTimeoutStopTimeUnit,omitempty"`
	RetentionPeriod            string          `json:"retentionPeriod,omitempty"`
	IdleTask                   bool            `json:"idleTask,omitempty"`

	// Of v2 only.
	ResourcePoolID string `json:"resourcePoolId,omitempty"`
}

// CodeSource is code that a job gets.
type CodeSource struct {
	FilePath  string `json:"filePath,omitempty"`
	MountPath string `json:"mountPath,omitempty"`
	ID        string `json:"id,omitempty"`
}

// JobResult answers the calls that change a job.
type JobResult struct {
	JobID   string `json:"jobId"`
	JobName string `json:"jobName,omitempty"`
}

// Job is an item of ListJobs, and with PodList what GetJob answers.
type Job struct {
	JobID                       string       `json:"jobId"`
	Name                        string       `json:"name"`
	ResourcePoolID              string       `json:"resourcePoolId"`
	Command                     string       `json:"command"`
	CreatedAt                   string       `json:"createdAt"`
	FinishedAt                  string       `json:"finishedAt"`
	RunningAt                   string       `json:"runningAt"`
	ScheduledAt                 string       `json:"scheduledAt"`
	Datasources                 []Datasource `json:"datasources"`
	EnableFaultTolerance        bool         `json:"enableFaultTolerance"`
	CustomFaultTolerancePattern []string     `json:"customFaultTolerancePattern"`
	Labels                      []Label      `json:"labels"`
	Priority                    string       `json:"priority"`
	Queue                       string       `json:"queue"`
	Status                      string       `json:"status"`
	Image                       string       `json:"image"`
	Resources                   []Resource   `json:"resources"`
	EnableRDMA                  bool         `json:"enableRDMA"`
	HostNetwork                 bool         `json:"hostNetwork"`
	Replicas                    int          `json:"replicas"`
	Envs                        []Pair       `json:"envs"`
	JobFramework                string       `json:"jobFramework"`
	QueueingSequence            *int         `json:"queueingSequence,omitempty"`
	EnableBccl                  bool         `json:"enableBccl"`
	EnableBcclStatus            string       `json:"enableBcclStatus"`
	EnableBcclErrorReason       string       `json:"enableBcclErrorReason"`
	K8sUID                      string       `json:"k8sUID"`
	K8sNamespace                string       `json:"k8sNamespace"`
	PodList                     *PodList     `json:"podList,omitempty"` // GetJob only
}

// PodList is a job's pods.
type PodList struct {
	ListMeta struct {
		TotalItems int `json:"totalItems"`
	} `json:"listMeta"`
	Pods []Pod `json:"pods"`
}

// Pod is a pod of a job.
type Pod struct {
	PodIP        string     `json:"PodIP"`
	NodeName     string     `json:"nodeName"`
	ObjectMeta   ObjectMeta `json:"objectMeta"`
	PodStatus    PodStatus  `json:"podStatus"`
	ReplicaType  string     `json:"replicaType"`
	RestartCount int        `json:"restartCount"`
	Envs         []Pair     `json:"envs"`
	FinishedAt   string     `json:"finishedAt"`
	Reason       string     `json:"reason"`
}

// ObjectMeta is what Kubernetes says of an object.
type ObjectMeta struct {
	Annotations       map[string]string `json:"annotations"`
	CreationTimestamp string            `json:"creationTimestamp"`
	Labels            map[string]string `json:"labels"`
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	OwnerReferences   []Owner           `json:"ownerReferences"`
}

// Owner is the job of a pod.
type Owner struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	UID        string `json:"uid"`
	Controller bool   `json:"controller"`
}

// PodStatus is where a pod stands.
type PodStatus struct {
	PodPhase string `json:"podPhase"`
	Status   string `json:"status"`
}

// page is how a list was cut.
type page struct {
	Total    int    `json:"total"`
	OrderBy  string `json:"orderBy"`
	Order    string `json:"order"`
	PageNo   int    `json:"pageNo"`
	PageSize int    `json:"pageSize"`
}

// Event is something that happened to a job or a pod.
type Event struct {
	Reason         string `json:"reason"`
	Message        string `json:"message"`
	FirstTimestamp string `json:"firstTimestamp"`
	LastTimestamp  string `json:"lastTimestamp"`
	Count          int    `json:"count"`
	Type           string `json:"type"`
}

// EventList answers the calls for events, without a wrapper.
type EventList struct {
	Events []Event `json:"events"`
	Total  int     `json:"total"`
}

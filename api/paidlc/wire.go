package paidlc

// CreateJobRequest is the body of CreateJob, and what a job keeps of it.
type CreateJobRequest struct {
	DisplayName              string            `json:"DisplayName,omitempty"`
	JobType                  string            `json:"JobType,omitempty"`
	JobSpecs                 []JobSpec         `json:"JobSpecs,omitempty"`
	UserCommand              string            `json:"UserCommand,omitempty"`
	DataSources              []DataSource      `json:"DataSources,omitempty"`
	CodeSource               *CodeSource       `json:"CodeSource,omitempty"`
	UserVpc                  *UserVpc          `json:"UserVpc,omitempty"`
	ThirdpartyLibs           []string          `json:"ThirdpartyLibs,omitempty"`
	ThirdpartyLibDir         string            `json:"ThirdpartyLibDir,omitempty"`
	Envs                     map[string]string `json:"Envs,omitempty"`
	JobMaxRunningTimeMinutes *int64            `json:"JobMaxRunningTimeMinutes,omitempty"`
	WorkspaceId              string            `json:"WorkspaceId,omitempty"`
	ResourceId               string            `json:"ResourceId,omitempty"`
	Priority                 *int32            `json:"Priority,omitempty"`
	Settings                 *JobSettings      `json:"Settings,omitempty"`
	ElasticSpec              *JobElasticSpec   `json:"ElasticSpec,omitempty"`
	DebuggerConfigContent    string            `json:"DebuggerConfigContent,omitempty"`
	Options                  string            `json:"Options,omitempty"`
	SuccessPolicy            string            `json:"SuccessPolicy,omitempty"`
	CredentialConfig         *CredentialConfig `json:"CredentialConfig,omitempty"`
	Accessibility            string            `json:"Accessibility,omitempty"`
	CustomEnvs               []CustomEnv       `json:"CustomEnvs,omitempty"`
	TemplateId               string            `json:"TemplateId,omitempty"`
	TemplateVersion          *int32            `json:"TemplateVersion,omitempty"`
}

// DataSource is a data set that a job mounts.
type DataSource struct {
	DataSourceId      string `json:"DataSourceId,omitempty"`
	MountPath         string `json:"MountPath,omitempty"`
	Uri               string `json:"Uri,omitempty"`
	Options           string `json:"Options,omitempty"`
	DataSourceVersion string `json:"DataSourceVersion,omitempty"`
	MountAccess       string `json:"MountAccess,omitempty"`
	EnableCache       *bool  `json:"EnableCache,omitempty"`
}

// CodeSource is a repository that a job mounts.
type CodeSource struct {
	CodeSourceId string `json:"CodeSourceId,omitempty"`
	Branch       string `json:"Branch,omitempty"`
	Commit       string `json:"Commit,omitempty"`
	MountPath    string `json:"MountPath,omitempty"`
}

// UserVpc is a network. Requests spell its list of ranges ExtendedCIDRs, answers ExtendedCidrs.
type UserVpc struct {
	VpcId           string   `json:"VpcId,omitempty"`
	SwitchId        string   `json:"SwitchId,omitempty"`
	SecurityGroupId string   `json:"SecurityGroupId,omitempty"`
	ExtendedCidrs   []string `json:"ExtendedCidrs,omitempty"` // matches either spelling when it is read
	DefaultRoute    string   `json:"DefaultRoute,omitempty"`
}

// CustomEnv is an environment variable that the console may hide.
type CustomEnv struct {
	Key     string `json:"Key,omitempty"`
	Value   string `json:"Value,omitempty"`
	Visible string `json:"Visible,omitempty"`
}

// UpdateJobRequest is the body of UpdateJob.
type UpdateJobRequest struct {
	Priority      *int32    `json:"Priority"`
	Accessibility *string   `json:"Accessibility"`
	JobSpecs      []JobSpec `json:"JobSpecs"`
}

// Reply answers the calls that change a job.
type Reply struct {
	JobId     string `json:"JobId"`
	RequestId string `json:"RequestId"`
}

// Job answers GetJob and is an item of ListJobs, which names a little more.
type Job struct {
	JobId                    string             `json:"JobId"`
	JobType                  string             `json:"JobType"`
	DisplayName              string             `json:"DisplayName"`
	UserId                   string             `json:"UserId,omitempty"`
	Username                 string             `json:"Username,omitempty"` // lists only
	Status                   string             `json:"Status"`
	SubStatus                string             `json:"SubStatus,omitempty"`
	WorkspaceId              string             `json:"WorkspaceId,omitempty"`
	WorkspaceName            string             `json:"WorkspaceName,omitempty"`
	ResourceId               string             `json:"ResourceId,omitempty"`
	ResourceName             string             `json:"ResourceName,omitempty"`      // lists only
	ResourceQuotaName        string             `json:"ResourceQuotaName,omitempty"` // lists only
	ResourceLevel            string             `json:"ResourceLevel,omitempty"`
	ResourceType             string             `json:"ResourceType,omitempty"`
	ClusterId                string             `json:"ClusterId,omitempty"`
	TenantId                 string             `json:"TenantId,omitempty"`
	ReasonCode               string             `json:"ReasonCode,omitempty"`
	ReasonMessage            string             `json:"ReasonMessage,omitempty"`
	JobSpecs                 []JobSpec          `json:"JobSpecs,omitempty"`
	UserCommand              string             `json:"UserCommand,omitempty"`
	DataSources              []DataSource       `json:"DataSources,omitempty"`
	CodeSource               *CodeSource        `json:"CodeSource,omitempty"`
	UserVpc                  *UserVpc           `json:"UserVpc,omitempty"`
	ThirdpartyLibs           []string           `json:"ThirdpartyLibs,omitempty"`
	ThirdpartyLibDir         string             `json:"ThirdpartyLibDir,omitempty"`
	Envs                     map[string]string  `json:"Envs,omitempty"`
	CustomEnvs               []CustomEnv        `json:"CustomEnvs,omitempty"` // GetJob only
	Priority                 int32              `json:"Priority"`
	Settings                 *JobSettings       `json:"Settings,omitempty"`
	ElasticSpec              *JobElasticSpec    `json:"ElasticSpec,omitempty"`
	CredentialConfig         *CredentialConfig  `json:"CredentialConfig,omitempty"`
	Accessibility            string             `json:"Accessibility,omitempty"`
	EnabledDebugger          *bool              `json:"EnabledDebugger,omitempty"`
	JobMaxRunningTimeMinutes *int64             `json:"JobMaxRunningTimeMinutes,omitempty"` // lists only
	TemplateId               string             `json:"TemplateId,omitempty"`               // lists only
	EnablePreemptibleJob     *bool              `json:"EnablePreemptibleJob,omitempty"`     // lists only
	UseOversoldResource      *bool              `json:"UseOversoldResource,omitempty"`      // lists only
	IsDeleted                *bool              `json:"IsDeleted,omitempty"`                // lists only
	RequestCPU               *int64             `json:"RequestCPU,omitempty"`               // lists only
	RequestMemory            string             `json:"RequestMemory,omitempty"`            // lists only
	RequestGPU               string             `json:"RequestGPU,omitempty"`               // lists only
	NodeCount                string             `json:"NodeCount,omitempty"`                // lists only
	NodeNames                []string           `json:"NodeNames,omitempty"`                // lists only
	GmtCreateTime            string             `json:"GmtCreateTime,omitempty"`
	GmtSubmittedTime         string             `json:"GmtSubmittedTime,omitempty"`
	GmtRunningTime           string             `json:"GmtRunningTime,omitempty"`
	GmtSuccessedTime         string             `json:"GmtSuccessedTime,omitempty"`
	GmtStoppedTime           string             `json:"GmtStoppedTime,omitempty"`
	GmtFailedTime            string             `json:"GmtFailedTime,omitempty"`
	GmtFinishTime            string             `json:"GmtFinishTime,omitempty"`
	GmtModifiedTime          string             `json:"GmtModifiedTime,omitempty"` // lists only
	Duration                 int64              `json:"Duration"`
	RestartTimes             string             `json:"RestartTimes,omitempty"`
	StatusHistory            []StatusTransition `json:"StatusHistory,omitempty"`
	RestartRecord            []RestartRecord    `json:"RestartRecord,omitempty"` // GetJob only
	JobReplicaStatuses       []ReplicaStatus    `json:"JobReplicaStatuses,omitempty"`
	Pods                     []Pod              `json:"Pods,omitempty"`
	RequestId                string             `json:"RequestId,omitempty"` // GetJob only
}

// StatusTransition is a stretch of a job's life.
type StatusTransition struct {
	Status        string `json:"Status"`
	StartTime     string `json:"StartTime"`
	EndTime       string `json:"EndTime,omitempty"`
	ReasonCode    string `json:"ReasonCode,omitempty"`
	ReasonMessage string `json:"ReasonMessage,omitempty"`
}

// RestartRecord is one restart of a job.
type RestartRecord struct {
	DetailErrorInfoList  []ErrorDetail `json:"DetailErrorInfoList,omitempty"`
	JobRestartCount      int64         `json:"JobRestartCount"`
	OccurPhase           string        `json:"OccurPhase"`
	OccurTime            string        `json:"OccurTime"`
	Reason               string        `json:"Reason"`
	RestartDurationInSec *int64        `json:"RestartDurationInSec,omitempty"`
	RestartStatus        string        `json:"RestartStatus"`
	TriggerID            string        `json:"TriggerID"`
}

// ErrorDetail is what led to a restart.
type ErrorDetail struct {
	ErrorCode      string `json:"ErrorCode,omitempty"`
	ErrorMsg       string `json:"ErrorMsg,omitempty"`
	ErrorSource    string `json:"ErrorSource,omitempty"`
	Node           string `json:"Node,omitempty"`
	Pod            string `json:"Pod,omitempty"`
	TriggerRestart bool   `json:"TriggerRestart"`
}

// ReplicaStatus counts the pods of one role.
type ReplicaStatus struct {
	Type     string `json:"Type"`
	Active   int32  `json:"Active"`
	Queuing  int32  `json:"Queuing"`
	Dequeued int32  `json:"Dequeued"`
}

// Pod is a pod of a job, or one that was there before a restart.
type Pod struct {
	Type          string         `json:"Type"`
	PodId         string         `json:"PodId"`
	PodUid        string         `json:"PodUid"`
	Status        string         `json:"Status"`
	SubStatus     string         `json:"SubStatus,omitempty"`
	Ip            string         `json:"Ip,omitempty"`
	PodIps        []PodInterface `json:"PodIps,omitempty"`
	NodeName      string         `json:"NodeName,omitempty"`
	ResourceType  string         `json:"ResourceType,omitempty"` // GetJob only
	GmtCreateTime string         `json:"GmtCreateTime,omitempty"`
	GmtStartTime  string         `json:"GmtStartTime,omitempty"`
	GmtFinishTime string         `json:"GmtFinishTime,omitempty"`
	Duration      *float64       `json:"Duration,omitempty"` // GetJob only
	HistoryPods   []Pod          `json:"HistoryPods,omitempty"`
}

// PodInterface is a network interface of a pod.
type PodInterface struct {
	InterfaceName string `json:"InterfaceName"`
	Ip            string `json:"Ip"`
}

// ListJobsReply answers ListJobs.
type ListJobsReply struct {
	Jobs       []*Job `json:"Jobs"`
	TotalCount int64  `json:"TotalCount"`
	RequestId  string `json:"RequestId"`
}

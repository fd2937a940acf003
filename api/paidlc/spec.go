package paidlc

import "encoding/json"

// JobSpec is one role of a job.
type JobSpec struct {
	Type                string              `json:"Type,omitempty"`
	Image               string              `json:"Image,omitempty"`
	ImageConfig         *ImageConfig        `json:"ImageConfig,omitempty"`
	PodCount            *int64              `json:"PodCount,omitempty"`
	EcsSpec             string              `json:"EcsSpec,omitempty"`
	ExtraPodSpec        *ExtraPodSpec       `json:"ExtraPodSpec,omitempty"`
	ResourceConfig      *ResourceConfig     `json:"ResourceConfig,omitempty"`
	UseSpotInstance     *bool               `json:"UseSpotInstance,omitempty"`
	SpotSpec            *SpotSpec           `json:"SpotSpec,omitempty"`
	AssignNodeSpec      *AssignNodeSpec     `json:"AssignNodeSpec,omitempty"`
	LocalMountSpecs     []LocalMountSpec    `json:"LocalMountSpecs,omitempty"`
	AutoScalingSpec     *AutoScalingSpec    `json:"AutoScalingSpec,omitempty"`
	ServiceSpec         *ServiceSpec        `json:"ServiceSpec,omitempty"`
	IsCheif             *bool               `json:"IsCheif,omitempty"`
	IsChief             *bool               `json:"IsChief,omitempty"`
	RestartPolicy       string              `json:"RestartPolicy,omitempty"`
	SystemDisk          *SystemDisk         `json:"SystemDisk,omitempty"`
	StartupDependencies []StartupDependency `json:"StartupDependencies,omitempty"`
}

// JobSettings are what a job may ask for beside its roles.
type JobSettings struct {
	BusinessUserId                  string                     `json:"BusinessUserId,omitempty"`
	Caller                          string                     `json:"Caller,omitempty"`
	Tags                            map[string]string          `json:"Tags,omitempty"`
	PipelineId                      string                     `json:"PipelineId,omitempty"`
	EnableTideResource              *bool                      `json:"EnableTideResource,omitempty"`
	EnableErrorMonitoringInAIMaster *bool                      `json:"EnableErrorMonitoringInAIMaster,omitempty"`
	ErrorMonitoringArgs             string                     `json:"ErrorMonitoringArgs,omitempty"`
	EnableRDMA                      *bool                      `json:"EnableRDMA,omitempty"`
	EnableOssAppend                 *bool                      `json:"EnableOssAppend,omitempty"`
	OversoldType                    string                     `json:"OversoldType,omitempty"`
	AdvancedSettings                map[string]json.RawMessage `json:"AdvancedSettings,omitempty"`
	Driver                          string                     `json:"Driver,omitempty"`
	EnableSanityCheck               *bool                      `json:"EnableSanityCheck,omitempty"`
	SanityCheckArgs                 string                     `json:"SanityCheckArgs,omitempty"`
	JobReservedMinutes              *int32                     `json:"JobReservedMinutes,omitempty"`
	JobReservedPolicy               string                     `json:"JobReservedPolicy,omitempty"`
	EnableCPUAffinity               *bool                      `json:"EnableCPUAffinity,omitempty"`
	DisableEcsStockCheck            *bool                      `json:"DisableEcsStockCheck,omitempty"`
	AllocateAllRDMADevices          *bool                      `json:"AllocateAllRDMADevices,omitempty"`
	EnableDSWDev                    *bool                      `json:"EnableDSWDev,omitempty"`
	DataJuicerConfig                *DataJuicerConfig          `json:"DataJuicerConfig,omitempty"`
	ModelConfig                     *ModelConfig               `json:"ModelConfig,omitempty"`
	AllowUnschedulableNodes         *bool                      `json:"AllowUnschedulableNodes,omitempty"`
}

// JobElasticSpec says how an elastic job may grow and shrink.
type JobElasticSpec struct {
	EnableElasticTraining    *bool  `json:"EnableElasticTraining,omitempty"`
	MinParallelism           *int32 `json:"MinParallelism,omitempty"`
	MaxParallelism           *int32 `json:"MaxParallelism,omitempty"`
	AIMasterType             string `json:"AIMasterType,omitempty"`
	AIMasterDockerImage      string `json:"AIMasterDockerImage,omitempty"`
	EnablePsJobElasticWorker *bool  `json:"EnablePsJobElasticWorker,omitempty"`
	EnableAIMaster           *bool  `json:"EnableAIMaster,omitempty"`
	EnablePsResourceEstimate *bool  `json:"EnablePsResourceEstimate,omitempty"`
	EnablePsJobElasticPS     *bool  `json:"EnablePsJobElasticPS,omitempty"`
	PSMinParallelism         *int32 `json:"PSMinParallelism,omitempty"`
	PSMaxParallelism         *int32 `json:"PSMaxParallelism,omitempty"`
	ElasticStrategy          string `json:"ElasticStrategy,omitempty"`
	EnableEDP                *bool  `json:"EnableEDP,omitempty"`
	EDPMaxParallelism        *int32 `json:"EDPMaxParallelism,omitempty"`
	EDPMinParallelism        *int32 `json:"EDPMinParallelism,omitempty"`
}

// CredentialConfig says which credentials a job gets.
type CredentialConfig struct {
	EnableCredentialInject *bool                  `json:"EnableCredentialInject,omitempty"`
	AliyunEnvRoleKey       string                 `json:"AliyunEnvRoleKey,omitempty"`
	CredentialConfigItems  []CredentialConfigItem `json:"CredentialConfigItems,omitempty"`
}

// ImageConfig says how a private image is pulled.
type ImageConfig struct {
	DockerRegistry string `json:"DockerRegistry,omitempty"`
	Username       string `json:"Username,omitempty"`
	Password       string `json:"Password,omitempty"`
	Auth           string `json:"Auth,omitempty"`
}

// ExtraPodSpec is what a pod has beside its main container.
type ExtraPodSpec struct {
	SideCarContainers      []ContainerSpec   `json:"SideCarContainers,omitempty"`
	InitContainers         []ContainerSpec   `json:"InitContainers,omitempty"`
	PodLabels              map[string]string `json:"PodLabels,omitempty"`
	PodAnnotations         map[string]string `json:"PodAnnotations,omitempty"`
	SharedVolumeMountPaths []string          `json:"SharedVolumeMountPaths,omitempty"`
	Lifecycle              *Lifecycle        `json:"Lifecycle,omitempty"`
}

// ResourceConfig is the size of a pod, as text.
type ResourceConfig struct {
	CPU          string `json:"CPU,omitempty"`
	GPU          string `json:"GPU,omitempty"`
	Memory       string `json:"Memory,omitempty"`
	SharedMemory string `json:"SharedMemory,omitempty"`
	GPUType      string `json:"GPUType,omitempty"`
}

// SpotSpec is a bid.
type SpotSpec struct {
	SpotStrategy      string   `json:"SpotStrategy,omitempty"`
	SpotDiscountLimit *float64 `json:"SpotDiscountLimit,omitempty"`
	SpotPriceLimit    *float64 `json:"SpotPriceLimit,omitempty"`
}

// AssignNodeSpec names nodes to use and to avoid.
type AssignNodeSpec struct {
	EnableAssignNode       *bool           `json:"EnableAssignNode,omitempty"`
	NodeNames              string          `json:"NodeNames,omitempty"`
	AntiAffinityNodeNames  string          `json:"AntiAffinityNodeNames,omitempty"`
	HyperNodes             []HyperNodeSpec `json:"HyperNodes,omitempty"`
	AntiAffinityHyperNodes []HyperNodeSpec `json:"AntiAffinityHyperNodes,omitempty"`
}

// LocalMountSpec is a folder of the node in the pod.
type LocalMountSpec struct {
	MountPath string `json:"MountPath,omitempty"`
	MountMode string `json:"MountMode,omitempty"`
	LocalPath string `json:"LocalPath,omitempty"`
}

// AutoScalingSpec says how a role grows and shrinks.
type AutoScalingSpec struct {
	ScalingStrategy       string                 `json:"ScalingStrategy,omitempty"`
	MinReplicas           *int32                 `json:"MinReplicas,omitempty"`
	MaxReplicas           *int32                 `json:"MaxReplicas,omitempty"`
	PodsToDelete          []string               `json:"PodsToDelete,omitempty"`
	AutoscalingMetricSpec *AutoscalingMetricSpec `json:"AutoscalingMetricSpec,omitempty"`
}

// ServiceSpec says what a role serves.
type ServiceSpec struct {
	ServiceMode string  `json:"ServiceMode,omitempty"`
	ExtraPorts  []int32 `json:"ExtraPorts,omitempty"`
	DefaultPort *int32  `json:"DefaultPort,omitempty"`
}

// SystemDisk is a pod's disk.
type SystemDisk struct {
	Size             *int64 `json:"Size,omitempty"`
	Category         string `json:"Category,omitempty"`
	PerformanceLevel string `json:"PerformanceLevel,omitempty"`
}

// StartupDependency makes a role wait for another.
type StartupDependency struct {
	Type        string `json:"Type,omitempty"`
	OnPhase     string `json:"OnPhase,omitempty"`
	MinReplicas string `json:"MinReplicas,omitempty"`
}

// DataJuicerConfig is for jobs that prepare data.
type DataJuicerConfig struct {
	ExecutionMode            string         `json:"ExecutionMode,omitempty"`
	CommandType              string         `json:"CommandType,omitempty"`
	EnableResourceEstimation *bool          `json:"EnableResourceEstimation,omitempty"`
	ResourceLimit            *ResourceLimit `json:"ResourceLimit,omitempty"`
}

// ModelConfig is for jobs that train a known model.
type ModelConfig struct {
	ModelName     string         `json:"ModelName,omitempty"`
	ModelTemplate *ModelTemplate `json:"ModelTemplate,omitempty"`
}

// CredentialConfigItem is one credential.
type CredentialConfigItem struct {
	Key   string           `json:"Key,omitempty"`
	Type  string           `json:"Type,omitempty"`
	Roles []CredentialRole `json:"Roles,omitempty"`
}

// ContainerSpec is a container beside the main one.
type ContainerSpec struct {
	Name       string                `json:"Name,omitempty"`
	Image      string                `json:"Image,omitempty"`
	Command    []string              `json:"Command,omitempty"`
	Args       []string              `json:"Args,omitempty"`
	WorkingDir string                `json:"WorkingDir,omitempty"`
	Env        []EnvVar              `json:"Env,omitempty"`
	Resources  *ResourceRequirements `json:"Resources,omitempty"`
}

// Lifecycle is what runs when a container starts and stops.
type Lifecycle struct {
	PreStop   *PreStop   `json:"PreStop,omitempty"`
	PostStart *PostStart `json:"PostStart,omitempty"`
}

// HyperNodeSpec names a domain of nodes.
type HyperNodeSpec struct {
	HyperNodeName string `json:"HyperNodeName,omitempty"`
	NodeNames     string `json:"NodeNames,omitempty"`
}

// AutoscalingMetricSpec is a metric that drives the scale.
type AutoscalingMetricSpec struct {
	MetricName  string `json:"MetricName,omitempty"`
	TargetValue *int32 `json:"TargetValue,omitempty"`
}

// ResourceLimit bounds resources.
type ResourceLimit struct {
	CPU    string `json:"CPU,omitempty"`
	Memory string `json:"Memory,omitempty"`
	GPU    string `json:"GPU,omitempty"`
}

// ModelTemplate is a template of a model.
type ModelTemplate struct {
	ModelName   string `json:"ModelName,omitempty"`
	Provider    string `json:"Provider,omitempty"`
	Collections string `json:"Collections,omitempty"`
}

// CredentialRole is a role to assume.
type CredentialRole struct {
	RoleArn        string          `json:"RoleArn,omitempty"`
	RoleType       string          `json:"RoleType,omitempty"`
	AssumeRoleFor  string          `json:"AssumeRoleFor,omitempty"`
	Policy         string          `json:"Policy,omitempty"`
	AssumeUserInfo *AssumeUserInfo `json:"AssumeUserInfo,omitempty"`
}

// EnvVar is an environment variable.
type EnvVar struct {
	Name  string `json:"Name,omitempty"`
	Value string `json:"Value,omitempty"`
}

// ResourceRequirements are a container's requests and limits.
type ResourceRequirements struct {
	Limits   map[string]string `json:"Limits,omitempty"`
	Requests map[string]string `json:"Requests,omitempty"`
}

// PreStop runs before a container stops.
type PreStop struct {
	Exec *Exec `json:"Exec,omitempty"`
}

// PostStart runs when a container has started.
type PostStart struct {
	Exec *Exec `json:"Exec,omitempty"`
}

// AssumeUserInfo is on whose behalf a role is assumed.
type AssumeUserInfo struct {
	SecurityToken string `json:"SecurityToken,omitempty"`
	AccessKeyId   string `json:"AccessKeyId,omitempty"`
	Type          string `json:"Type,omitempty"`
	Id            string `json:"Id,omitempty"`
}

// Exec is a command in a container.
type Exec struct {
	Command []string `json:"Command,omitempty"`
}

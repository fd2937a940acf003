package modelarts

// Request is the body of CreateTrainingJob, and what a job keeps of it.
type Request struct {
	Kind      string     `json:"kind,omitempty"`
	Metadata  *Meta      `json:"metadata,omitempty"`
	Algorithm *Algorithm `json:"algorithm,omitempty"`
	Spec      *Spec      `json:"spec,omitempty"`
}

// Meta is what a request says of itself.
type Meta struct {
	Name        string            `json:"name"`
	WorkspaceID string            `json:"workspace_id,omitempty"`
	Description *string           `json:"description,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Algorithm is what a job runs.
type Algorithm struct {
	ID                      string            `json:"id,omitempty"`
	Name                    string            `json:"name,omitempty"`
	SubscriptionID          string            `json:"subscription_id,omitempty"`
	ItemVersionID           string            `json:"item_version_id,omitempty"`
	CodeDir                 string            `json:"code_dir,omitempty"`
	BootFile                string            `json:"boot_file,omitempty"`
	AutosearchConfigPath    string            `json:"autosearch_config_path,omitempty"`
	AutosearchFrameworkPath string            `json:"autosearch_framework_path,omitempty"`
	Command                 string            `json:"command,omitempty"`
	Parameters              []Parameter       `json:"parameters,omitempty"`
	Policies                *Policies         `json:"policies,omitempty"`
	Inputs                  []Input           `json:"inputs,omitempty"`
	Outputs                 []Output          `json:"outputs,omitempty"`
	Engine                  *Engine           `json:"engine,omitempty"`
	LocalCodeDir            string            `json:"local_code_dir,omitempty"`
	WorkingDir              string            `json:"working_dir,omitempty"`
	Environments            map[string]string `json:"environments,omitempty"`
}

// Parameter is an argument of the program.
type Parameter struct {
	Name        string      `json:"name,omitempty"`
	Value       string      `json:"value,omitempty"`
	Description string      `json:"description,omitempty"`
	Constraint  *Constraint `json:"constraint,omitempty"`
}

// Constraint is what a parameter may be.
type Constraint struct {
	Type       string   `json:"type,omitempty"`
	Editable   *bool    `json:"editable,omitempty"`
	Required   *bool    `json:"required,omitempty"`
	Sensitive  *bool    `json:"sensitive,omitempty"`
	ValidType  string   `json:"valid_type,omitempty"`
	ValidRange []string `json:"valid_range,omitempty"`
}

// Policies are those of a search for parameters; nothing here searches.
type Policies struct {
	AutoSearch *AutoSearch `json:"auto_search,omitempty"`
}

// AutoSearch is a search for parameters.
type AutoSearch struct {
	SkipSearchParams string `json:"skip_search_params,omitempty"`
	RewardAttrs      []struct {
		Name  string `json:"name,omitempty"`
		Mode  string `json:"mode,omitempty"`
		Regex string `json:"regex,omitempty"`
	} `json:"reward_attrs,omitempty"`
	SearchParams []struct {
		Name              string   `json:"name,omitempty"`
		ParamType         string   `json:"param_type,omitempty"`
		LowerBound        string   `json:"lower_bound,omitempty"`
		UpperBound        string   `json:"upper_bound,omitempty"`
		DiscretePointsNum string   `json:"discrete_points_num,omitempty"`
		DiscreteValues    []string `json:"discrete_values,omitempty"`
	} `json:"search_params,omitempty"`
	AlgoConfigs []struct {
		Name   string `json:"name,omitempty"`
		Params []struct {
			Key   string `json:"key,omitempty"`
			Value string `json:"value,omitempty"`
			Type  string `json:"type,omitempty"`
		} `json:"params,omitempty"`
	} `json:"algo_configs,omitempty"`
}

// Input is data that a job reads.
type Input struct {
	Name             string  `json:"name,omitempty"`
	Description      string  `json:"description,omitempty"`
	LocalDir         string  `json:"local_dir,omitempty"`
	Remote           *Remote `json:"remote,omitempty"`
	RemoteConstraint []struct {
		DataType   string `json:"data_type,omitempty"`
		Attributes string `json:"attributes,omitempty"`
	} `json:"remote_constraint,omitempty"`
}

// Remote is where data lies.
type Remote struct {
	Dataset *struct {
		ID        string `json:"id,omitempty"`
		VersionID string `json:"version_id,omitempty"`
		ObsURL    string `json:"obs_url,omitempty"`
	} `json:"dataset,omitempty"`
	Obs *Obs `json:"obs,omitempty"`
}

// Obs is a place in the object store.
type Obs struct {
	ObsURL string `json:"obs_url,omitempty"`
}

// Output is data that a job writes.
type Output struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	LocalDir    string `json:"local_dir,omitempty"`
	Remote      *struct {
		Obs *Obs `json:"obs,omitempty"`
	} `json:"remote,omitempty"`
}

// Engine is the framework, or an image.
type Engine struct {
	EngineID      string `json:"engine_id,omitempty"`
	EngineName    string `json:"engine_name,omitempty"`
	EngineVersion string `json:"engine_version,omitempty"`
	ImageURL      string `json:"image_url,omitempty"`
}

// Spec is what a job needs. AutoStop and SchedulePolicy are kept, and not in answers: the document does not list them.
type Spec struct {
	Resource       *Resource       `json:"resource,omitempty"`
	Volumes        []Volume        `json:"volumes,omitempty"`
	LogExportPath  *LogExportPath  `json:"log_export_path,omitempty"`
	AutoStop       *AutoStop       `json:"auto_stop,omitempty"`
	SchedulePolicy *SchedulePolicy `json:"schedule_policy,omitempty"`
}

// Resource is how many machines of which size.
type Resource struct {
	Policy       string        `json:"policy,omitempty"`
	FlavorID     string        `json:"flavor_id"`
	FlavorName   string        `json:"flavor_name,omitempty"`
	NodeCount    int32         `json:"node_count"`
	PoolID       string        `json:"pool_id,omitempty"`
	FlavorDetail *FlavorDetail `json:"flavor_detail,omitempty"` // in answers
}

// Volume is a file system that a job mounts.
type Volume struct {
	Nfs *struct {
		NfsServerPath string `json:"nfs_server_path,omitempty"`
		LocalPath     string `json:"local_path,omitempty"`
		ReadOnly      *bool  `json:"read_only,omitempty"`
	} `json:"nfs,omitempty"`
}

// LogExportPath is where logs are copied to.
type LogExportPath struct {
	ObsURL   string `json:"obs_url,omitempty"`
	HostPath string `json:"host_path,omitempty"`
}

// AutoStop ends a job that runs for too long.
type AutoStop struct {
	TimeUnit string `json:"time_unit"`
	Duration int32  `json:"duration"`
}

// SchedulePolicy is how a job queues.
type SchedulePolicy struct {
	Priority    *int32 `json:"priority,omitempty"`
	Preemptible *bool  `json:"preemptible,omitempty"`
}

// Job is a training job in answers.
type Job struct {
	Kind      string        `json:"kind"`
	Metadata  Metadata      `json:"metadata"`
	Status    Status        `json:"status"`
	Algorithm *AlgorithmOut `json:"algorithm"`
	Tasks     []struct{}    `json:"tasks"` // of jobs with several algorithms; there are none
	Spec      *Spec         `json:"spec"`
}

// AlgorithmOut is an algorithm in answers: its environment is a list there.
type AlgorithmOut struct {
	Algorithm
	Environments []map[string]string `json:"environments"`
}

// Metadata is what a job's answer says of it.
type Metadata struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	WorkspaceID string            `json:"workspace_id"`
	Description string            `json:"description"`
	CreateTime  int64             `json:"create_time"` // Unix ms
	UserName    string            `json:"user_name"`
	Annotations map[string]string `json:"annotations"`
}

// Status is where a job stands.
type Status struct {
	Phase          string          `json:"phase"`
	SecondaryPhase string          `json:"secondary_phase"`
	Duration       int64           `json:"duration"` // ms
	Tasks          []string        `json:"tasks"`
	StartTime      int64           `json:"start_time"` // Unix ms, 0 before the start
	TaskStatuses   []TaskStatus    `json:"task_statuses"`
	RunningRecords []RunningRecord `json:"running_records"`
}

// TaskStatus is how a task ended.
type TaskStatus struct {
	Task     string `json:"task"`
	ExitCode int32  `json:"exit_code"`
	Message  string `json:"message"`
}

// RunningRecord is one stretch of running. Times are Unix seconds.
type RunningRecord struct {
	StartAt          int64  `json:"start_at"`
	EndAt            int64  `json:"end_at,omitempty"`
	StartType        string `json:"start_type"`
	EndReason        string `json:"end_reason,omitempty"`
	EndRelatedTask   string `json:"end_related_task,omitempty"`
	EndRecover       string `json:"end_recover,omitempty"`
	EndRecoverBefore string `json:"end_recover_before_downgrade,omitempty"`
}

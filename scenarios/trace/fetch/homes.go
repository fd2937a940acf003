package fetch

import (
	_ "embed"
	"path"
	"strconv"
	"strings"
)

// Home is a public place of a trace.
type Home struct {
	Name       string
	Format     string // trace format that reads it; empty for node lists alone
	About      string
	Repository string // owner/name
	Commit     string
	Licence    string
	Files      []File
	Tables     []string // what Unpack takes out of the home's archives: names without folders
	base       string   // URL of the files' folder; empty: the repository at the commit
}

// File is one file of a home.
type File struct {
	Path   string // in the repository
	Bytes  int64  // 0 = not known
	SHA256 string // hex; empty = not known
}

// Name is the file's name without folders.
func (f File) Name() string { return path.Base(f.Path) }

// Local is where Fetch puts a file below its folder: its path without the folders that all files of the home share.
func (h *Home) Local(f File) string {
	shared := path.Dir(f.Path)
	for _, other := range h.Files {
		for shared != "." && !strings.HasPrefix(other.Path, shared+"/") {
			shared = path.Dir(shared)
		}
	}
	if shared == "." {
		return f.Path
	}
	return strings.TrimPrefix(f.Path, shared+"/")
}

//go:embed files.tsv
var filesTable string

const rawHost = "https://raw.githubusercontent.com"

// lfsHost serves what a repository keeps in Git LFS.
const lfsHost = "https://media.githubusercontent.com/media"

// Homes are all known homes, in a fixed order. Sums are those of the traces' own documentation or of copies that were
// read; where none is known SHA256 is empty.
func Homes() []Home {
	homes := []Home{
		{Name: "openb", Format: "openb", About: "Alibaba GPU trace of 2023: 8,152 pods, 1,213 GPU nodes, 23 variants",
			Repository: "hkust-adsl/kubernetes-scheduler-simulator", Commit: "8f3d6417353c5083c6d56617f255fadd8dc306bc", Licence: "Apache-2.0"},
		{Name: "philly", Format: "philly", About: "reduced Philly of the Pollux artifact: 82,247 jobs, 15 VCs",
			Repository: "petuum/adaptdl", Commit: "c793c7089bd307462686339d29707925c461f9a9", Licence: "Apache-2.0 on the main branch; the trace is CC-BY-4.0"},
		{Name: "philly-log", Format: "philly", About: "the public Philly job log and utilisation (1 GB; cluster_job_log is unpacked)",
			Repository: "msr-fiddle/philly-traces", Commit: "9425c49842ff332bf748967fd7ff0ab64112ad10", Licence: "CC-BY-4.0", base: lfsHost,
			Tables: []string{"cluster_job_log"}},
		{Name: "pollux", Format: "pollux", About: "workloads and measured traces of the Pollux artifact",
			Repository: "petuum/adaptdl", Commit: "c793c7089bd307462686339d29707925c461f9a9", Licence: "Apache-2.0 on the main branch"},
		{Name: "gavel", Format: "gavel", About: "traces and throughputs of Gavel",
			Repository: "stanford-futuredata/gavel", Commit: "c4fa40097339e9608ab71fd64c8bdea96a5e4a4c", Licence: "MIT"},
		{Name: "tiresias", Format: "tiresias", About: "jobs and clusters of the Tiresias simulator",
			Repository: "SymbioticLab/Tiresias", Commit: "959f9b08f44fa1b4f2b3aed79b01e4d439264a94", Licence: "Apache-2.0"},
		{Name: "dlrm", Format: "dlrm", About: "Alibaba DLRM inference of 2025: 23,871 instances",
			Repository: "alibaba/clusterdata", Commit: "7a6c496e4f4b6ce6150be8f881cb051bf2abff42", Licence: "none in the folder; its README allows research and study"},
		{Name: "lingjun", About: "topology of an RDMA cluster: 847 hosts, three tiers",
			Repository: "alibaba/alibaba-lingjun-dataset-2023", Commit: "2ad3fd1e2fd16222cc018827fb84f3a3ff220bb9", Licence: "Apache-2.0"},
		{Name: "spot-gpu", About: "node list of the Alibaba spot trace of 2026: 4,278 nodes",
			Repository: "alibaba/clusterdata", Commit: "7a6c496e4f4b6ce6150be8f881cb051bf2abff42", Licence: "none in the folder"},
		{Name: "pai2020", Format: "pai2020", About: "Alibaba PAI of 2020: job and task tables, unpacked",
			Repository: "alibaba/clusterdata", Commit: "02a1be14f86d8221b53d3cbbde2c2b60ea68b95a", Licence: "none in the folder",
			base: "https://aliopentrace.oss-cn-beijing.aliyuncs.com/v2020GPUTraces", Tables: []string{"pai_job_table.csv", "pai_task_table.csv"}},
		{Name: "acme", Format: "acme", About: "Shanghai AI Lab: Seren and Kalos",
			Repository: "InternLM/AcmeTrace", Commit: "6d6ac9cd15f3b01151ac6ba00ecddd9156f0dc73", Licence: "see LICENSE.txt there"},
		{Name: "helios", Format: "helios", About: "SenseTime Helios, cluster Venus: job log and GPUs a VC",
			Repository: "S-Lab-System-Group/HeliosData", Commit: "106713b0d0fc761c70073b4af018681656b60f48", Licence: "see the repository"},
	}
	at := make(map[string]*Home, len(homes))
	for i := range homes {
		at[homes[i].Name] = &homes[i]
	}
	for _, line := range strings.Split(strings.TrimSpace(filesTable), "\n") {
		cells := strings.Split(line, "\t")
		f := File{Path: cells[1]}
		f.Bytes, _ = strconv.ParseInt(cells[2], 10, 64)
		if cells[3] != "-" {
			f.SHA256 = cells[3]
		}
		at[cells[0]].Files = append(at[cells[0]].Files, f)
	}
	return homes
}

// Find is the home of a name.
func Find(name string) (Home, bool) {
	for _, h := range Homes() {
		if h.Name == name {
			return h, true
		}
	}
	return Home{}, false
}

// URL is where a file is downloaded from.
func (h *Home) URL(f File) string {
	switch h.base {
	case "", lfsHost:
		host := rawHost
		if h.base != "" {
			host = h.base
		}
		return strings.Join([]string{host, h.Repository, h.Commit, escape(f.Path)}, "/")
	}
	return h.base + "/" + escape(f.Path)
}

// escape keeps folders apart and escapes what a path may not hold; msr/seed=0 is such a folder.
func escape(p string) string {
	return strings.NewReplacer("%", "%25", "=", "%3D", " ", "%20", "#", "%23", "?", "%3F").Replace(p)
}

// Package modelarts speaks Huawei ModelArts' training jobs (v2) over a live world: its wire types, the checks of its requests,
// and how jobs and flavors of the world read in its words (docs/apis.md).
//
// It must never schedule, keep state of its own beside the requests that jobs carry, or import another cloud.
package modelarts

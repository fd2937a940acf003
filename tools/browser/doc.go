// Package browser looks at reports in a headless Chromium. It is a module of its own, so that the tool's dependencies stay
// out of Orrery's. It must never reach a network: every host name is mapped to nothing.
package browser

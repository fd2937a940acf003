// Package table prints a report's tables as plain text, Markdown, LaTeX and CSV. Text comes from outside: it must never
// leave a cell unescaped for the format it is printed in.
package table

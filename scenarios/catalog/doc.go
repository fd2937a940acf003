// Package catalog knows what hardware is and costs: accelerators, nodes, instance types, prices and the resource names
// of three clouds, as dated tables in which every row says where its figures come from. A person's own sheets, with the
// same columns, replace or add rows.
//
// The tables are the CSV files of this folder, checked on 2026-11-21 against public material; README.md describes their
// columns. The package never fetches anything, never invents a figure that a table leaves empty, and never converts
// between currencies.
package catalog

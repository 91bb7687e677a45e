package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"openrelay/report"
)

// use is what a command does with a file.
type use int

const (
	toRead    use = iota // reads it
	toMake               // reads it, and makes it where there is none
	toWrite              // writes it anew
	toExtend             // adds to it
	toResume             // reads it, and adds to it
	toCreate             // writes it, where there is none; it is no report
	toMention            // never opens it: its name stands in a report
)

func (u use) writes() bool { return u == toWrite || u == toExtend || u == toResume || u == toCreate }

// fileRow is a flag by which commands name files, or their arguments.
type fileRow struct {
	commands string // with spaces between them
	flag     string // "" for the arguments
	use      use
	names    func(given []string) []file // the files that these values name
}

// of reports whether a row is about a command.
func (r fileRow) of(cmd *cobra.Command) bool {
	return cmd.HasParent() && slices.Contains(strings.Fields(r.commands), cmd.Name())
}

// fileRows lists every file that a command reads or writes. They are compared before any of them is opened.
var fileRows = []fileRow{
	{"scan blocklist", "", toRead, inTargets},
	{"report diff explain", "", toRead, files},
	{"explain", "jsonl", toRead, standardInput},
	{"scan", "exclude-file", toRead, excludeFiles},
	{"scan", "scope", toRead, named},
	{"scan", "baseline", toRead, files},
	{"scan report diff", "expect", toRead, named},
	{"scan", "write-expect", toCreate, named},
	{"scan", "auth-password-file", toRead, named},
	{"scan", "auth-ca", toRead, named},
	{"scan", "catch-key", toMake, named},
	{"scan blocklist", "zones", toRead, named},
	{"blocklist", "bounce", toRead, files},
	{"report", "deliveries", toRead, named},
	{"catch", "key", toMake, named},
	{"catch", "cert", toRead, named},
	{"catch", "tls-key", toRead, named},
	{"scan report", "sarif-location", toMention, named},
	{"scan report blocklist", "output", toWrite, files},
	{"catch", "output", toExtend, files},
	{"scan report", "report", toWrite, reportFiles},
	{"scan", "resume", toResume, resultFiles},
	{"diff explain", "", toExtend, standardOutput},
	{"man", "", toWrite, named},
}

// files are names of files, where "-" is standard input or standard output.
func files(given []string) (all []file) {
	for _, name := range given {
		all = append(all, file{name: name})
	}
	return all
}

// named are names of files, where "-" is a file too.
func named(given []string) []file {
	all := files(given)
	for i := range all {
		if all[i].name == "-" {
			all[i].name = "./-"
		}
	}
	return all
}

// inTargets are the files among targets: @FILE and "-".
func inTargets(given []string) (all []file) {
	for _, target := range given {
		if name, ok := strings.CutPrefix(target, "@"); ok {
			all = append(all, named([]string{name})...)
		} else if target == "-" {
			all = append(all, file{name: "-"})
		}
	}
	return all
}

// excludeFiles are those that every scan honours, and those of this one.
func excludeFiles(given []string) []file { return named(append(standingExcludes(), given...)) }

// reportFiles are those of NAME=FILE. What lacks one of the two is refused elsewhere.
func reportFiles(given []string) (all []file) {
	for _, text := range given {
		format, name, _ := strings.Cut(text, "=")
		all = append(all, file{name: name, format: format})
	}
	return all
}

func resultFiles(given []string) []file {
	all := files(given)
	for i := range all {
		all[i].format = "jsonl"
	}
	return all
}

func standardInput(given []string) []file {
	if slices.Contains(given, "true") {
		return files([]string{"-"})
	}
	return nil
}

func standardOutput([]string) []file { return files([]string{"-"}) }

// file is a file of a command line.
type file struct {
	name   string
	format string // of a report
	flag   string // that names it
	use    use
	place  place
}

// fileList is what a command reads and writes.
type fileList []file

// listFiles makes the list of a command line, the variables of the environment included. An error says that what
// is read would be written.
func (u *ui) listFiles(cmd *cobra.Command, args []string) error {
	u.files = nil
	for _, row := range fileRows {
		if !row.of(cmd) || row.use == toMention {
			continue
		}
		given := args
		if row.flag != "" {
			given = values(cmd.Flag(row.flag))
		}
		for _, f := range row.names(given) {
			if f.name == "" && (!row.use.writes() || row.use == toResume) {
				continue // as good as none
			}
			f.flag, f.use = row.flag, row.use
			if format := cmd.Flag("format"); format != nil && f.format == "" {
				f.format = format.Value.String()
			}
			f.place = u.locate(f.name, f.use.writes())
			if f.place.stream == stdout && f.use.writes() {
				f.name = "-" // /dev/stdout is standard output by another name, and begins nowhere anew
			}
			u.files = append(u.files, f)
		}
	}
	u.files = u.files.joined()
	return u.files.check(cmd)
}

// values are those that a flag has.
func values(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	if f.Value.String() == "" && !f.Changed {
		return nil
	}
	return []string{f.Value.String()}
}

// joined makes one of a file that is gone on with and is named for the same report too.
func (l fileList) joined() fileList {
	i := slices.IndexFunc(l, func(f file) bool { return f.use == toResume })
	if i < 0 {
		return l
	}
	for k := range l {
		if k != i && l[k].use == toWrite && l[k].format == l[i].format && l[k].place.same(l[i].place) {
			l[k].use = toResume
			return slices.Delete(l, i, i+1)
		}
	}
	return l
}

// check refuses what would write over what is read, or twice to one file.
func (l fileList) check(cmd *cobra.Command) error {
	for i, f := range l {
		if f.use == toResume && f.place.stream != noStream {
			return &usageError{"standard input cannot be added to", f.elsewhere(cmd)}
		}
		for _, other := range l[:i] {
			if f.place.same(other.place) {
				if problem, culprit := clash(other, f); problem != "" {
					return &usageError{problem, culprit.elsewhere(cmd)}
				}
			}
		}
	}
	return nil
}

// clash says what is wrong with two uses of one file, the first of which is before the other on the list; "" for
// nothing. The culprit is the one that can be elsewhere.
func clash(a, b file) (problem string, culprit file) {
	if a.use.writes() && b.use.writes() {
		switch {
		case a.use == toResume:
			return fmt.Sprintf("%q would be overwritten as %s", a.name, b.format), b
		case b.use == toResume:
			return fmt.Sprintf("%q would be overwritten as %s", b.name, a.format), a
		}
		return fmt.Sprintf("two reports go to %q", b.name), b
	}
	if a.use.writes() {
		a, b = b, a
	}
	switch {
	case b.use.writes() && b.name == "-":
		return fmt.Sprintf("standard output goes to %s, which is read", quoted(a)), b
	case b.use == toWrite:
		return fmt.Sprintf("%s is read and would be overwritten", quoted(a)), b
	case b.use.writes():
		return fmt.Sprintf("%s is read and would be added to", quoted(a)), b
	}
	return "", b
}

func quoted(f file) string {
	if f.name == "-" {
		return "the file of standard input"
	}
	return fmt.Sprintf("%q", f.name)
}

// elsewhere is the command line with a file in its place that there is not yet.
func (f file) elsewhere(cmd *cobra.Command) string {
	dir, base := filepath.Split(f.name)
	name := dir + "new-" + base
	if f.place.stream != noStream {
		name = "results.txt"
		if f.format == "jsonl" {
			name = "results.jsonl"
		}
	}
	name = unused(name)
	_, rest, _ := strings.Cut(cmd.Use, " ")
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, "[flags] "), "...")
	switch f.flag {
	case "":
		return cmd.CommandPath() + " ... >" + name
	case "report":
		name = f.format + "=" + name
	}
	return cmd.CommandPath() + " --" + f.flag + " " + name + " " + rest
}

// unused is a name of which there is no file yet: this one, or one that begins with new-.
func unused(name string) string {
	for _, err := os.Lstat(name); err == nil; _, err = os.Lstat(name) {
		dir, base := filepath.Split(name)
		name = dir + "new-" + base
	}
	return name
}

// of is the names of the files that a flag names.
func (l fileList) of(flag string) (names []string) {
	for _, f := range l {
		if f.flag == flag {
			names = append(names, f.name)
		}
	}
	return names
}

// sayRead says which files are read.
func (u *ui) sayRead() {
	for _, f := range u.files {
		if !f.use.writes() && f.name != "-" && f.place.rest == "" { // a key that is not there is made
			u.say("reading %s", report.Printable(f.name))
		}
	}
}

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"

	"openrelay/scanner/targets"
)

// readScope reads what keeps a scan within bounds whatever its targets are: the standing exclude files, and
// the scope file, which says who authorised it.
func (f *scanFlags) readScope(o *targets.Options, files fileList) error {
	o.ExcludeFiles = files.of("exclude-file")
	if f.scope == "" {
		return nil
	}
	if o.Authorized != "" {
		return &usageError{"--scope says who authorised it, and so does --authorized", "openrelay scan --scope " + f.scope + " TARGET"}
	}
	var err error
	if o.Scope, err = targets.ReadScope(f.scope); err != nil {
		return err
	}
	o.Authorized = o.Scope.Authorized()
	return nil
}

// etc is where this machine's configuration is: set by the linker where a system keeps it elsewhere
// (-X main.etc=/usr/local/etc), and never after. There is no flag for it: what the machine's
// administrator excludes stays excluded.
var etc = "/etc"

// standingExcludes are the exclude files that every scan honours: the machine's and the user's, as far as
// there are any. One that cannot be read is among them: reading it is then an error, for it may say to
// leave alone just what is to be tested.
func standingExcludes() (files []string) {
	for _, dir := range append([]string{etc}, userConfig()...) {
		file := filepath.Join(dir, "openrelay", "exclude")
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) && !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

// userConfig are the folders where the user keeps configuration: that of the XDG Base Directory Specification, and
// .config at home, also where the first is another: a variable that somebody sets does not end an exclusion.
func userConfig() (dirs []string) {
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		dirs = append(dirs, dir)
	}
	home := os.Getenv("HOME")
	if u, err := user.Current(); home == "" && err == nil { // as in cron jobs and services
		home = u.HomeDir
	}
	if home != "" {
		dirs = append(dirs, filepath.Join(home, ".config"))
	}
	return dirs
}

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

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
	all := []string{filepath.Join(etc, "openrelay", "exclude")}
	if dir := configHome(); dir != "" {
		all = append(all, filepath.Join(dir, "openrelay", "exclude"))
	}
	for _, file := range all {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			files = append(files, file)
		}
	}
	return files
}

// configHome is where the user keeps configuration (XDG Base Directory Specification), "" for a user
// without a home.
func configHome() string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	if home := os.Getenv("HOME"); home != "" {
		return filepath.Join(home, ".config")
	}
	return ""
}

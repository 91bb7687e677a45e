//go:build !linux

package main

// linuxPrograms are none: other systems have no namespaces.
var linuxPrograms map[string]func()

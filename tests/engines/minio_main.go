// MinIO's server, as its own main starts it. (`go install` refuses modules with replacements.)
package main

import (
	"os"

	minio "github.com/minio/minio/cmd"
)

func main() { minio.Main(os.Args) }

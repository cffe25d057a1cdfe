"""Runs the AWS CLI 1 of the virtual environment, without its start-up for most command lines.

The start of `aws` takes four fifths of the processor time of a short command. So a process imports the CLI once and forks
for each command line; the child does what `aws` does, with its own environment, folder and output. The process has one
thread, so its forks are safe. The first command line of each operation is still a start of the program. The forks read no
configuration file: the tests have none."""
import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback


class AwsCli:
    """The CLI for one test. Threads may share it; its forked runs are one after the other."""

    def __init__(self):
        self.lock, self.started, self.process = threading.Lock(), set(), None

    def run(self, arguments, environment, cwd="."):
        """Returns what subprocess.run returns for `aws` with these arguments; the output is bytes."""
        arguments, cwd = list(map(str, arguments)), os.path.abspath(cwd)
        with self.lock:
            operation = tuple(arguments[:2])
            first = operation not in self.started
            self.started.add(operation)
            if not first:
                return self.run_forked(arguments, environment, cwd)
        return subprocess.run([sys.executable, "-m", "awscli", *arguments], capture_output=True, env=environment, cwd=cwd,
                              stdin=subprocess.DEVNULL, check=False)

    def run_forked(self, arguments, environment, cwd):
        if self.process is None:
            self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            atexit.register(self.process.communicate)  # it ends with its input
        self.process.stdin.write(json.dumps([arguments, environment, cwd]) + "\n")
        self.process.stdin.flush()
        reply = self.process.stdout.readline()
        if not reply:
            raise SystemExit(f"the process that runs the AWS CLI has ended with {self.process.wait()}")
        code, out, err = json.loads(reply)
        return subprocess.CompletedProcess(["aws", *arguments], code, out.encode("latin-1"), err.encode("latin-1"))


def run_in_child(driver, arguments, environment, cwd, out, err):
    """Becomes `aws` with these arguments; does not return."""
    code = 70
    try:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        data = os.environ["AWS_DATA_PATH"]  # set by the CLI's import
        os.environ.clear()
        os.environ.update(environment, AWS_DATA_PATH=data)
        os.chdir(cwd)
        sys.argv = ["aws", *arguments]
        try:
            code = driver.main(arguments)
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - it must not go on as the parent
        traceback.print_exc()
    finally:
        os._exit(code or 0)


def serve():
    """Answers each line of standard input, [arguments, environment, folder], with a line [exit code, output, errors]."""
    requests, replies = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    import awscli.clidriver
    import awscli.customizations.cloudtrail.validation  # noqa: F401
    os.environ["AWS_CONFIG_FILE"] = os.devnull
    driver = awscli.clidriver.create_clidriver()
    for service in ("cloudtrail", "s3"):  # their models stay parsed
        driver.session.create_client(service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    for line in requests:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                run_in_child(driver, *json.loads(line), out, err)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode("latin-1"))
        replies.write(json.dumps([code, *texts]) + "\n")
        replies.flush()


if __name__ == "__main__":
    serve()

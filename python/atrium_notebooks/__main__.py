import sys

if __name__ == "__main__":
    command = sys.argv.pop(1)
    if command == "serve":
        from atrium_notebooks.serve import main
    elif command == "run":
        from atrium_notebooks.run import main
    else:
        raise SystemExit(f"There is no command {command}: serve, run.")
    main()

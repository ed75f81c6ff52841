from atrium_pyfunc.worker import main

main()

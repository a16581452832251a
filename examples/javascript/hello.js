console.log(`Hello from JavaScript, ${ARGS.name ?? "world"}!`);

console.log("before");
throw new Error("this script fails");

undefinedFunction(Agent);

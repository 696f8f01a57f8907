// asl-validator has no types of its own.
declare module 'asl-validator' {
  interface Validation {
    readonly isValid: boolean;
    readonly errorsText: (separator?: string) => string;
  }
  export default function validate(definition: unknown, options?: { checkPaths?: boolean; checkArn?: boolean }): Validation;
}

import { createContext } from "react";

export interface KnownField {
  readonly id: string;
  readonly label: string;
}

/** What a field tells its form, and what the form tells its fields. */
export interface FormShell {
  readonly register: (name: string, field: KnownField) => () => void;
  readonly isReadOnly: boolean;
}

export const FormShellContext = createContext<FormShell | undefined>(undefined);

/** The building blocks of every screen. */
export { Button, LinkButton, type ButtonKind, type ButtonProps } from './Button';
export { Checkbox, CheckboxGroup, RadioGroup, Select, TextField, type Option, type TextFieldProps } from './fields';
export { Dialog, type DialogProps } from './Dialog';
export { AmbulanceNumbers, EmergencyHelp } from './EmergencyHelp';
export { ErrorSummary, type Fault } from './ErrorSummary';
export { Icon, type IconName } from './Icon';
export { Mark } from './Mark';
export { Page, type PageProps } from './Page';
export {
  Banner,
  Card,
  Empty,
  ErrorText,
  Facts,
  Failure,
  Loading,
  PageFailure,
  PageLoading,
  ProgressBar,
  StatusPill,
  StepProgress,
  errorText,
  type Tone,
} from './surfaces';
